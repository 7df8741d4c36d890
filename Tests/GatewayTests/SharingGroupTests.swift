import Calls
import EventLoop
import EventLoopTesting
import HTTP
import PiecesOS
import Testing

@testable import Gateway

struct SharingGroupTests {
    @Test func `calls of one turn share one exchange`() throws {
        try withSharingGroup { setting in
            #expect(setting.group.isEmpty)
            let calls = setting.join(3)
            #expect(!setting.group.isEmpty)
            try setting.stub.requests(1)
            try setting.answer(0, models: 1)
            try setting.run(until: { calls.allSatisfy(\.isAnswered) })
            #expect(calls.allSatisfy { $0.payloads == calls[0].payloads && $0.failures.isEmpty })
            #expect(calls[0].payloads[0].count > 2)
            #expect(setting.group.isEmpty)
            #expect(setting.stub.server.requests == 1)
        }
    }

    @Test func `a call does not join an exchange that was sent, but waits for the next`() throws {
        try withSharingGroup { setting in
            let first = setting.join()
            try setting.stub.requests(1)
            let later = setting.join(2)
            #expect(first[0].source?.requestSent == true)
            #expect(later[0].source == nil)
            try setting.answer(0)
            try setting.run(until: { first[0].isAnswered })
            #expect(!later.contains(where: { $0.isAnswered }))
            try setting.stub.requests(2)
            try setting.answer(0, models: 1)
            try setting.run(until: { later.allSatisfy(\.isAnswered) })
            #expect(later[0].payloads != first[0].payloads)
            #expect(setting.stub.server.requests == 2)
        }
    }

    @Test func `a call joins an exchange that still waits for a connection`() throws {
        try withSharingGroup(connections: 1) { setting in
            let receiver = IgnoringReceiver()
            defer { withExtendedLifetime(receiver) {} }
            let blocking = Exchange(receiver: receiver)
            blocking.prepare(SharingSetting.request, forwarding: ForwardedHeaders(), delivery: .limitedParts)
            setting.stub.upstream.submit(blocking)
            try setting.stub.requests(1)
            let first = setting.join()
            try setting.stub.loop.settle()
            #expect(first[0].source?.requestSent == false)
            let later = setting.join()
            #expect(later[0].source === first[0].source)
            try setting.answer(0)
            try setting.stub.requests(2)
            try setting.answer(0)
            try setting.run(until: { first[0].isAnswered && later[0].isAnswered })
            #expect(setting.stub.server.requests == 2)
        }
    }

    @Test func `after 25 ms of waiting the next exchange starts beside the one under way`() throws {
        try withSharingGroup { setting in
            let first = setting.join()
            try setting.stub.requests(1)
            let start = setting.stub.loop.now
            let later = setting.join()
            try setting.stub.requests(2)
            #expect(setting.stub.loop.now - start >= 25)
            #expect(setting.stub.server.connections.count == 2)
            try setting.answer(1)
            try setting.run(until: { later[0].isAnswered })
            #expect(!first[0].isAnswered)
            try setting.answer(0)
            try setting.run(until: { first[0].isAnswered })
        }
    }

    @Test func `a failure is everybody's`() throws {
        try withSharingGroup { setting in
            let calls = setting.join(2)
            try setting.stub.requests(1)
            try setting.stub.server.connections[0].send("HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n")
            try setting.run(until: { calls.allSatisfy(\.isAnswered) })
            for call in calls { #expect(call.failures.map(\.httpStatus) == [503]) }
        }
    }

    // MARK: - Leaving

    @Test func `the others keep their answer when one leaves, and nobody asks for those who have left`() throws {
        try withSharingGroup { setting in
            let calls = setting.join(3)
            setting.group.leave(calls[1])
            try setting.stub.requests(1)
            calls[0].source?.leave(calls[0])
            try setting.answer(0)
            try setting.run(until: { calls[2].isAnswered })
            #expect(calls.map(\.isAnswered) == [false, false, true])
        }
    }

    @Test func `an exchange that all have left is cancelled`() throws {
        try withSharingGroup { setting in
            let calls = setting.join(2)
            try setting.stub.requests(1)
            for call in calls { call.source?.leave(call) }
            try setting.run(until: { setting.stub.server.connections[0].hasEnded })
            #expect(setting.group.isEmpty)
            let next = setting.join()
            try setting.stub.requests(2)
            try setting.answer(1)
            try setting.run(until: { next[0].isAnswered })
        }
    }

    @Test func `nothing is sent when all have left before the turn ends`() throws {
        try withSharingGroup { setting in
            let calls = setting.join()
            setting.group.leave(calls[0])
            #expect(setting.group.isEmpty)
            try setting.stub.loop.settle()
            #expect(setting.stub.server.connections.isEmpty)
        }
    }
}

/// Takes an answer that the test does not look at.
private final class IgnoringReceiver: ExchangeReceiver {
    func received(part: UnsafeRawBufferPointer) {}
    func finished(status: Int, body: UnsafeRawBufferPointer) {}
    func failed(_ error: UpstreamError) {}
}
