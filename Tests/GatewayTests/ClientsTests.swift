import Bytes
import Calls
import EventLoopTesting
import Logging
import Testing

@testable import EventLoop
@testable import Gateway

struct ClientsTests {
    private static var socket: ListeningSocket {
        ListeningSocket(descriptor: -1, path: "/x", policy: AccessPolicy(users: [5]))
    }

    /// Lends clients with so much each, whose limits are small.
    private func withClients(_ count: Int, _ test: (Clients, [FakeClient], LogRecord) throws -> Void) throws {
        var limits = Limits()
        limits.calls = 2
        limits.connections = 8
        limits.unreadBytes = 100
        limits.request = 10
        let record = LogRecord()
        try withLoop { loop in
            let log = ClientLog(loop: loop, logger: Logger(label: "test") { _ in record })
            let clients = try Clients(loop: loop, limits: limits, log: log)
            defer { clients.close() }
            let all = (0..<count).map { FakeClient(process: Int32($0)) }
            for client in all { clients.add(client) }
            try test(clients, all, record)
        }
    }

    @Test func `clients are counted until they have gone, and then the gateway hears of it`() throws {
        try withClients(2) { clients, all, _ in
            var left: [PeerCredentials] = []
            clients.left = { peer, _ in left.append(peer) }
            #expect(clients.count == 2)
            clients.closed(all[0], all[0].peer, at: all[0].socket)
            #expect(clients.count == 1 && !clients.isEmpty)
            clients.closed(all[1], all[1].peer, at: all[1].socket)
            #expect(clients.isEmpty)
            #expect(left == all.map(\.peer))
        }
    }

    @Test func `nothing is left of a client that has gone, although it was slow and had a call taken`() throws {
        try withClients(0) { clients, _, _ in
            weak var held: FakeClient?
            do {
                let client = FakeClient()
                client.callCount = 20
                held = client
                clients.add(client)
                clients.watch(client)
                for _ in 0..<9 { #expect(clients.admitsCall(of: FakeClient(process: 2))) }
                #expect(client.callCount == 19)
                clients.closed(client, client.peer, at: client.socket)
            }
            #expect(held == nil)
        }
    }

    @Test func `calls are admitted up to the limit, and when some have ended`() throws {
        try withClients(8) { clients, all, _ in
            for client in all {
                #expect(clients.admitsCall(of: client))
                client.callCount = 1
            }
            #expect(!clients.admitsCall(of: all[0]))
            all[1].callCount = 0
            clients.callEnded()
            #expect(clients.admitsCall(of: all[0]))
            #expect(!clients.admitsCall(of: all[0]))
            #expect(all.allSatisfy { $0.events.isEmpty })
        }
    }

    @Test func `beyond the limit, the client with the most calls loses its newest`() throws {
        try withClients(3) { clients, all, _ in
            all[0].then = { if case .lostNewestCall = $0 { clients.callEnded() } }
            for _ in 0..<8 {
                #expect(clients.admitsCall(of: all[0]))
                all[0].callCount += 1
            }
            for _ in 0..<3 {
                #expect(clients.admitsCall(of: all[1]))
                all[1].callCount += 1
            }
            #expect(all[0].events == Array(repeating: .lostNewestCall(.limitReached), count: 3))
            // It has five, and the other would have four.
            #expect(clients.admitsCall(of: all[1]))
            all[1].callCount += 1
            #expect(!clients.admitsCall(of: all[1]))
            #expect(!clients.admitsCall(of: all[0]))
            #expect(clients.admitsCall(of: all[2]))
        }
    }

    @Test func `when begun frames take too much, the client with most for longest is closed`() throws {
        try withClients(2) { clients, all, _ in
            all[0].unfinishedByteCount = 320
            clients.unfinishedChanged(by: 320)
            all[1].unfinishedByteCount = 320
            all[1].age = 2
            clients.unfinishedChanged(by: 320)
            #expect(all.allSatisfy { $0.events.isEmpty })
            all[0].unfinishedByteCount += 1
            clients.unfinishedChanged(by: 1)
            #expect(all.map(\.events) == [[], [.closed]])
        }
    }

    @Test func `what has become whole makes room`() throws {
        try withClients(1) { clients, all, _ in
            all[0].unfinishedByteCount = 640
            clients.unfinishedChanged(by: 640)
            clients.unfinishedChanged(by: -640)
            clients.unfinishedChanged(by: 640)
            #expect(all[0].events.isEmpty)
        }
    }

    @Test func `when unread answers take too much, the client with most for longest is broken off`() throws {
        try withClients(2) { clients, all, _ in
            all[0].unreadByteCount = 50
            all[0].age = 4
            all[1].unreadByteCount = 150
            all[0].then = { _ in clients.unread.leaves(50) }
            clients.unread.add(200)
            clients.unreadGrew()
            #expect(all.allSatisfy { $0.events.isEmpty })
            all[1].unreadByteCount += 1
            clients.unread.add(1)
            clients.unreadGrew()
            #expect(all.map(\.events) == [[.brokenOff], []])
            // Its memory comes back later, and nobody else pays for that.
            clients.unreadGrew()
            #expect(all.map(\.events) == [[.brokenOff], []])
        }
    }

    @Test func `all are told that the gateway is to stop`() throws {
        try withClients(2) { clients, all, _ in
            clients.drain()
            clients.closeDrained(now: 1)
            clients.shutDown()
            for client in all { #expect(client.events == [.drained, .askedWhetherDrained, .shutDown]) }
        }
    }

    @Test func `a fault is logged, once for each client`() throws {
        try withClients(2) { clients, all, record in
            for client in [all[0], all[0], all[1]] { clients.report(client.peer, at: Self.socket, "it is slow") }
            #expect(record.entries.map(\.message) == ["closed a connection", "closed a connection"])
            #expect(
                record.entries[0].metadata
                    == ["socket": "/x", "uid": "5", "pid": "0", "reason": "it is slow"]
            )
            #expect(record.entries[1].metadata["unlogged"] == "1")
        }
    }
}
