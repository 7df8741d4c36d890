import Calls
import Testing

@testable import Gateway

struct ClientConnectionClosingTests {
    @Test func `closing gives up the calls, the newest first, and happens once`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "UnloadModels"), .request(5, "UnloadModels"), .request(3, "UnloadModels"))
            setting.receive([0, 0, 0, 9, 0, 0, 0, 7, 1, 0, 1])
            #expect(setting.host.unfinishedByteCount > 0)
            setting.connection.close()
            setting.connection.close()
            #expect(setting.transport.isClosed)
            #expect(setting.dispatcher.ended == [5, 3, 1].map { .init(key: $0, code: .cancelled) })
            #expect(setting.host.unfinishedByteCount == 0)
            #expect(setting.host.gone == [ConnectionSetting.peer])
            try setting.endTurn()
            #expect(setting.transport.writes.isEmpty)
        }
    }

    @Test func `a client that is closed for a fault is reported`() throws {
        try withConnection { setting in
            setting.connection.close(because: "it is slow")
            #expect(setting.transport.isClosed)
            #expect(setting.host.reports == ["it is slow"])
        }
    }

    @Test func `a client that is broken off is sent nothing more, counts no more, and closes when the turn ends`()
        throws
    {
        try withConnection { setting in
            setting.transport.room = 0
            setting.receive(.request(1, "UnloadModels"))
            [UInt8](repeating: 7, count: 100).withUnsafeBytes { setting.connection.complete(CallKey(3), $0) }
            try setting.endTurn()
            #expect(setting.connection.unreadWeight == 112)
            _ = setting.connection.breakOff("too much")
            #expect(setting.host.reports == ["too much"])
            #expect(setting.connection.unreadWeight == 0)
            [].withUnsafeBytes { setting.calls.all[0].complete(Payload(lent: $0)) }
            #expect(!setting.transport.isClosed)
            try setting.endTurn()
            #expect(setting.transport.isClosed)
            #expect(setting.transport.writes.count == 1)
        }
    }

    // MARK: - When the gateway is to stop

    private func isClosed(_ setting: ConnectionSetting, after milliseconds: UInt64) -> Bool {
        setting.clock.now += milliseconds
        setting.connection.closeIfDrained(now: setting.clock.now)
        return setting.transport.isClosed
    }

    @Test func `a client without calls is closed once nothing has come for 20 ms`() throws {
        try withConnection { setting in
            #expect(!setting.connection.isDraining)
            #expect(!isClosed(setting, after: 1_000))
            setting.connection.drain()
            #expect(setting.connection.isDraining)
            #expect(!isClosed(setting, after: 20))
            setting.receive(.request(1, "UnloadModels", of: "x"))
            setting.calls.all[0].fail(.shuttingDown)
            try setting.endTurn()
            #expect(!isClosed(setting, after: 20))
            #expect(isClosed(setting, after: 1))
            #expect(setting.host.gone == [ConnectionSetting.peer])
        }
    }

    @Test func `a client that goes on sending is closed after 100 ms`() throws {
        try withConnection { setting in
            setting.connection.drain()
            for _ in 0..<9 {
                #expect(!isClosed(setting, after: 11))
                setting.receive([0])
                // Of another frame each: a type that means nothing.
                setting.receive([0, 0, 0, 0, 0, 0, 1, 9, 0])
            }
            #expect(isClosed(setting, after: 1))
        }
    }

    @Test func `a client is not closed before its calls are answered and it has read the answers`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "UnloadModels"))
            setting.connection.drain()
            #expect(!isClosed(setting, after: 1_000))
            setting.transport.room = 0
            [].withUnsafeBytes { setting.calls.all[0].complete(Payload(lent: $0)) }
            // It is not even written yet.
            #expect(!isClosed(setting, after: 1_000))
            try setting.endTurn()
            #expect(!isClosed(setting, after: 1_000))
            setting.transport.take(10)
            setting.connection.drained()
            #expect(!isClosed(setting, after: 20))
            #expect(isClosed(setting, after: 1))
        }
    }

    @Test func `the time begins anew with the last answer`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "UnloadModels"))
            setting.connection.drain()
            setting.clock.now += 500
            [].withUnsafeBytes { setting.calls.all[0].complete(Payload(lent: $0)) }
            try setting.endTurn()
            #expect(!isClosed(setting, after: 20))
            #expect(isClosed(setting, after: 1))
        }
    }

    @Test func `a request that has arrived meanwhile is answered before the client is closed`() throws {
        try withConnection { setting in
            setting.connection.drain()
            setting.dispatcher.carryOut = { _, _ throws(Status) in throw .shuttingDown }
            setting.transport.arriveLast = { setting.receive(.request(1, "UnloadModels")) }
            #expect(isClosed(setting, after: 21))
            setting.transport.arriveLast = {}
            #expect(setting.sent.map(\.reason) == ["SHUTTING_DOWN"])
        }
    }

    @Test func `a client whose last answer does not fit the socket stays until it has read it`() throws {
        try withConnection { setting in
            setting.connection.drain()
            setting.transport.room = 0
            setting.dispatcher.carryOut = { _, _ throws(Status) in throw .shuttingDown }
            setting.transport.arriveLast = { setting.receive(.request(1, "UnloadModels")) }
            #expect(!isClosed(setting, after: 21))
            setting.transport.arriveLast = {}
            setting.transport.take(setting.transport.queuedByteCount)
            setting.connection.drained()
            #expect(isClosed(setting, after: 21))
        }
    }

    @Test func `when the time is up, all calls are answered, the newest first, and the client is closed`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "UnloadModels"), .request(3, "StreamModelsSnapshot"))
            setting.transport.arriveLast = { setting.receive(.request(5, "UnloadModels")) }
            setting.dispatcher.carryOut = { _, client throws(Status) in
                if client.isDraining { throw .shuttingDown }
            }
            setting.connection.shutDown()
            setting.transport.arriveLast = {}
            #expect(setting.transport.isClosed)
            #expect(setting.sent.map(\.id) == [3, 1, 5])
            #expect(setting.sent.allSatisfy { $0.reason == "SHUTTING_DOWN" })
        }
    }
}
