import EventLoop
import EventLoopTesting
import Testing

@testable import Gateway

/// One answer for many calls.
struct SharedExchangeTests {
    /// Has something done after each portion of the calls, before the next.
    private func afterPortions(of calls: [RecordingCall], _ setting: SharingSetting, _ work: @escaping () -> Void)
        -> AfterPortions
    {
        let task = AfterPortions(on: setting.stub.loop, work)
        calls[0].then = { task.ask() }
        return task
    }

    @Test func `256 calls are answered at once, and the others later with the same bytes`() throws {
        try withSharingGroup { setting in
            let calls = setting.join(600)
            var counts: [Int] = []
            let task = afterPortions(of: calls, setting) { counts.append(calls.count(where: \.isAnswered)) }
            try setting.stub.requests(1)
            try setting.answer(0)
            try setting.run(until: { calls.allSatisfy(\.isAnswered) })
            task.stop()
            #expect(counts.prefix(2) == [256, 512])
            #expect(calls.allSatisfy { $0.payloads == [[]] })
        }
    }

    @Test func `a portion is small where clients may leave little unread`() throws {
        try withSharingGroup(unreadBytes: 8 * 100) { setting in
            let calls = setting.join(6)
            var counts: [Int] = []
            let task = afterPortions(of: calls, setting) { counts.append(calls.count(where: \.isAnswered)) }
            try setting.stub.requests(1)
            // Of 50 bytes: the third is over 100.
            try setting.answer(0, models: 10)
            try setting.run(until: { calls.allSatisfy(\.isAnswered) })
            task.stop()
            #expect(calls[0].payloads.map(\.count) == [50])
            #expect(counts.first == 3)
        }
    }

    @Test func `a call that comes between portions gets an answer of its own`() throws {
        try withSharingGroup { setting in
            let calls = setting.join(300)
            var later: [RecordingCall] = []
            let task = afterPortions(of: calls, setting) {
                guard later.isEmpty else { return }
                later = setting.join()
                calls[299].source?.leave(calls[299])
            }
            try setting.stub.requests(1)
            try setting.answer(0)
            try setting.stub.requests(2)
            task.stop()
            #expect(calls.count(where: { $0.isAnswered }) == 299)
            #expect(!later[0].isAnswered)
            try setting.answer(0, models: 1)
            try setting.run(until: { later[0].isAnswered })
            #expect(later[0].payloads != calls[0].payloads)
        }
    }

    @Test func `when the last leaves between portions, the exchange can be used again`() throws {
        try withSharingGroup { setting in
            let calls = setting.join(257)
            var next: [RecordingCall] = []
            let task = afterPortions(of: calls, setting) {
                guard next.isEmpty else { return }
                calls[256].source?.leave(calls[256])
                #expect(setting.group.isEmpty)
                next = setting.join()
            }
            try setting.stub.requests(1)
            try setting.answer(0)
            try setting.stub.requests(2)
            task.stop()
            #expect(next[0].source === calls[0].source)
            #expect(!next[0].isAnswered)
            #expect(!calls[256].isAnswered)
            try setting.answer(0, models: 1)
            try setting.run(until: { next[0].isAnswered })
            #expect(next[0].payloads[0].count == 5)
        }
    }
}

/// Runs at the end of the turns, before what is asked for later.
private final class AfterPortions: EndOfTurnTask {
    private var deferred: Deferred
    private var work: (() -> Void)?

    init(on loop: Loop, _ work: @escaping () -> Void) {
        deferred = Deferred(on: loop)
        self.work = work
    }

    func ask() {
        deferred.ask(self)
    }

    func stop() {
        work = nil
    }

    func endOfTurn() {
        guard let work else { return }
        work()
        ask()
    }
}
