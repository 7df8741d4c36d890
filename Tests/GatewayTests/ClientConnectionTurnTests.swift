import Calls
import EventLoopTesting
import Testing

@testable import EventLoop
@testable import Gateway

struct ClientConnectionTurnTests {
    /// The shortest frames that cannot be used.
    private func badFrames(_ count: Int) -> [UInt8] {
        [[UInt8]](repeating: Frame(id: 2, type: 1).bytes, count: count).flatMap { $0 }
    }

    private func large(_ id: UInt32) -> Frame {
        .request(id, "UnloadModels", payload: [UInt8](repeating: 7, count: TurnBudget.largeSize))
    }

    /// So many connections on one loop.
    private func withConnections(_ count: Int, _ test: ([ConnectionSetting]) throws -> Void) throws {
        try withUpstreamStub { stub in
            let settings = try (0..<count).map { _ in try ConnectionSetting(stub, limits: Limits()) }
            defer {
                for setting in settings { setting.close() }
            }
            try test(settings)
        }
    }

    private func takeAll(_ budget: TurnBudget) {
        while budget.takeSmall(1) {}
    }

    // MARK: - Small work

    @Test func `a client that asks for little is served before the backlog of many that ask for much`() throws {
        try withConnections(21) { settings in
            let flooders = settings.dropLast()
            let bystander = settings[20]
            for flooder in flooders { flooder.receive(badFrames(1_600)) }
            bystander.receive(.request(1, "UnloadModels"), Frame(id: 2, type: 1))
            #expect(bystander.dispatcher.requests.count == 1)
            bystander.stub.loop.turnEnd.end()
            #expect(bystander.sent.count == 1)
            let answered = flooders.reduce(0) { $0 + $1.sent.count }
            #expect(answered == TurnBudget.mostSmall + flooders.count * TurnBudget.free)
            #expect(flooders.contains { $0.sent.count < 100 })
            try bystander.stub.loop.run(until: { flooders.allSatisfy { $0.sent.count == 1_600 } })
        }
    }

    @Test func `what is too much for a turn is kept, and nothing more is read until it is done`() throws {
        try withConnection { setting in
            let loop = setting.stub.loop
            takeAll(loop.budget)
            let bytes = badFrames(50)
            setting.receive(bytes)
            #expect(!setting.transport.isReading)
            #expect(setting.connection.unfinishedByteCount == bytes.count - TurnBudget.free * 10)
            #expect(setting.host.unfinishedByteCount == setting.connection.unfinishedByteCount)
            try loop.run(until: { setting.transport.isReading })
            #expect(setting.dispatcher.refusals.count == 50)
            #expect(setting.connection.unfinishedByteCount == 0)
            #expect(setting.host.unfinishedByteCount == 0)
            try setting.endTurn()
            #expect(setting.sent.count == 50)
        }
    }

    @Test func `a frame that is cut in the middle goes on behind what was postponed`() throws {
        try withConnection { setting in
            let loop = setting.stub.loop
            takeAll(loop.budget)
            let request = Frame.request(1, "UnloadModels", payload: [1, 2, 3]).bytes
            setting.receive(badFrames(100) + request.prefix(20))
            #expect(setting.connection.backlog.isWaiting)
            try loop.run(until: { setting.transport.isReading })
            #expect(setting.dispatcher.requests.isEmpty)
            setting.receive(Array(request.dropFirst(20)))
            #expect(setting.dispatcher.requests == [.init(key: 1, method: "UnloadModels", payload: [1, 2, 3])])
        }
    }

    @Test func `a client does not count as slow while it is postponed`() throws {
        try withConnection { setting in
            takeAll(setting.stub.loop.budget)
            setting.receive(badFrames(100))
            setting.connection.watch()
            setting.clock.now += 1_000_000
            _ = setting.connection.isStillSlow(now: setting.clock.now)
            #expect(!setting.transport.isClosed)
            #expect(setting.host.reports.isEmpty)
        }
    }

    @Test func `a call that is refused counts for four`() throws {
        try withConnection { setting in
            takeAll(setting.stub.loop.budget)
            setting.dispatcher.carryOut = { (_, _) throws(Status) in throw .shuttingDown }
            setting.receive((0..<50).flatMap { Frame.request(2 * $0 + 1, "UnloadModels").bytes })
            #expect(setting.dispatcher.requests.count == TurnBudget.free / 4)
            try setting.stub.loop.run(until: { setting.dispatcher.requests.count == 50 })
        }
    }

    // MARK: - Large work

    @Test func `of large requests that are whole at once one is begun in a turn, in their order`() throws {
        try withConnections(4) { settings in
            let loop = settings[0].stub.loop
            for setting in settings { setting.receive(large(1), inReadsOf: 16_384) }
            let begun = { settings.map { $0.dispatcher.requests.count } }
            #expect(begun() == [1, 0, 0, 0])
            let bystander = settings[0]
            bystander.receive(.request(3, "UnloadModels"))
            #expect(begun() == [2, 0, 0, 0])
            var seen: [[Int]] = []
            try loop.run(until: {
                if seen.last != begun() { seen.append(begun()) }
                return begun() == [2, 1, 1, 1]
            })
            #expect(seen == [[2, 0, 0, 0], [2, 1, 0, 0], [2, 1, 1, 0], [2, 1, 1, 1]])
            #expect(settings.allSatisfy { $0.host.unfinishedByteCount == 0 })
        }
    }

    @Test func `requests behind a large one wait with it, in their order`() throws {
        try withConnection { setting in
            let loop = setting.stub.loop
            #expect(loop.budget.takeLarge(LargeWork {}, of: setting.host))
            setting.receive([large(1), .request(3, "UnloadModels")].flatMap(\.bytes), inReadsOf: 16_384)
            #expect(setting.dispatcher.requests.isEmpty)
            #expect(setting.connection.unfinishedByteCount > TurnBudget.largeSize)
            try loop.run(until: { setting.transport.isReading })
            #expect(setting.dispatcher.requests.map(\.key) == [1, 3])
        }
    }

    @Test func `requests between small and large are postponed by what they cost`() throws {
        try withConnections(40) { settings in
            let request = Frame.request(1, "UnloadModels", payload: [UInt8](repeating: 7, count: 200 * 1024))
            for setting in settings { setting.receive(request, inReadsOf: 16_384) }
            let begun = settings.reduce(0) { $0 + $1.dispatcher.requests.count }
            #expect(begun == (TurnBudget.mostSmall + 199) / 200)
            try settings[0].stub.loop.run(until: { settings.allSatisfy { $0.dispatcher.requests.count == 1 } })
        }
    }

    // MARK: - Ends

    @Test func `a client that closes while it is postponed leaves nothing`() throws {
        for bytes in [badFrames(100), large(1).bytes] {
            try withConnection { setting in
                let loop = setting.stub.loop
                takeAll(loop.budget)
                _ = loop.budget.takeLarge(LargeWork {}, of: setting.host)
                setting.receive(bytes, inReadsOf: 16_384)
                #expect(loop.budget.hasPostponed)
                setting.connection.close()
                #expect(!loop.budget.hasPostponed)
                #expect(setting.host.unfinishedByteCount == 0)
                try setting.endTurn()
                #expect(setting.dispatcher.requests.isEmpty)
            }
        }
    }

    @Test func `a client that is postponed is not idle, and drains once it has been served`() throws {
        try withConnection { setting in
            takeAll(setting.stub.loop.budget)
            setting.receive(badFrames(100))
            setting.stub.loop.turnEnd.end()
            setting.connection.drain()
            setting.clock.now += 1_000
            setting.receive(badFrames(1_600))
            takeAll(setting.stub.loop.budget)
            setting.connection.closeIfDrained(now: setting.clock.now)
            #expect(!setting.transport.isClosed)
            try setting.stub.loop.run(until: { setting.transport.isReading })
            try setting.endTurn()
            setting.clock.now += 1_000
            setting.connection.closeIfDrained(now: setting.clock.now)
            #expect(setting.transport.isClosed)
            #expect(setting.sent.count == 1_700)
        }
    }

    @Test func `whoever is postponed when the gateway ends is answered first`() throws {
        try withConnection { setting in
            takeAll(setting.stub.loop.budget)
            setting.receive(badFrames(100))
            setting.transport.arriveLast = { [connection = setting.connection] in
                Frame.request(1, "UnloadModels").bytes.withUnsafeBytes { connection.received($0) }
            }
            setting.connection.shutDown()
            #expect(setting.transport.isClosed)
            #expect(setting.dispatcher.requests.map(\.key) == [1])
            #expect(setting.dispatcher.refusals.count == 100)
            #expect(!setting.stub.loop.budget.hasPostponed)
            setting.transport.arriveLast = {}
        }
    }
}

private final class LargeWork: PostponedTask {
    private let work: () -> Void

    init(_ work: @escaping () -> Void) {
        self.work = work
    }

    func goOn() { work() }
}
