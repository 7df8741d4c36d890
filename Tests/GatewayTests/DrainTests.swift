import EventLoop
import EventLoopTesting
import Logging
import Testing

@testable import Gateway

struct DrainTests {
    /// Lends the end of a gateway with one client that gets so long.
    private func withDrain(_ time: UInt64, _ test: (Drain, FakeClient, Loop) throws -> Void) throws {
        try withLoop { loop in
            let log = ClientLog(loop: loop, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let clients = try Clients(loop: loop, limits: Limits(), log: log)
            defer { clients.close() }
            let client = FakeClient()
            clients.add(client)
            let drain = try Drain(loop: loop, clients: clients, time: time)
            defer { drain.close() }
            try test(drain, client, loop)
        }
    }

    @Test func `clients are told at once, and looked at until they have gone`() throws {
        try withDrain(3_600_000) { drain, client, loop in
            #expect(!drain.hasBegun)
            drain.begin()
            #expect(drain.hasBegun)
            #expect(client.events == [.drained])
            try loop.run(until: { client.events.count == 5 })
            #expect(client.events == [.drained] + Array(repeating: .askedWhetherDrained, count: 4))
        }
    }

    @Test func `when the time is up, what is left is shut down, once`() throws {
        try withDrain(40) { drain, client, loop in
            let start = loop.now
            drain.begin()
            try loop.run(until: { client.events.last == .shutDown })
            #expect(loop.now - start >= 40)
            #expect(client.events.count > 2)
            let count = client.events.count
            let end = loop.now
            try loop.run(until: { loop.now > end + 15 })
            #expect(client.events.count == count)
        }
    }

    @Test func `nobody is looked at once it is over`() throws {
        try withDrain(3_600_000) { drain, client, loop in
            drain.begin()
            drain.close()
            let end = loop.now
            try loop.run(until: { loop.now > end + 15 })
            #expect(client.events == [.drained])
        }
    }
}
