import Bytes
import Calls
import Testing

@testable import Gateway

/// A client that does not read is not worked for.
struct ClientConnectionUnreadTests {
    private static let highWater = 256 * 1024

    /// Has the connection answer a call with so many bytes.
    private func answer(_ count: Int, _ setting: ConnectionSetting) {
        [UInt8](repeating: 7, count: count).withUnsafeBytes { setting.connection.complete(CallKey(1), $0) }
    }

    @Test func `a client that goes is not held back for ever`() throws {
        try withConnection { setting in
            setting.transport.room = 0
            answer(Self.highWater, setting)
            #expect(setting.dispatcher.isHeldBack)
            setting.connection.close()
            #expect(!setting.dispatcher.isHeldBack)
        }
    }

    @Test func `no more calls are begun in the turn in which too much comes to wait`() throws {
        try withConnection { setting in
            setting.transport.room = 0
            answer(Self.highWater, setting)
            #expect(setting.dispatcher.isHeldBack)
            #expect(!setting.transport.isReading)
        }
    }

    @Test func `answers that others have as well wait outside of the queue, and go when the client has read`() throws {
        var limits = Limits()
        limits.unreadBytes = 400_000
        try withConnection(limits: limits) { setting in
            setting.transport.room = 0
            let keys = stride(from: UInt32(1), to: 21, by: 2)
            for key in keys { setting.receive(.request(key, "UnloadModels")) }
            let shared = [UInt8](repeating: 7, count: 60_000).withUnsafeBytes { SharedBytes(copying: $0) }
            for call in setting.calls.all { call.complete(Payload(shared)) }
            try setting.endTurn()
            #expect(setting.sent.map(\.id) == [1, 3])
            #expect(setting.transport.writes[0].pieces == [shared.bytes.baseAddress, shared.bytes.baseAddress])
            #expect(setting.connection.callCount == 8)
            #expect(setting.host.unread.count == 60_000)
            setting.connection.cancel(CallKey(5))
            setting.calls.all[3].giveUp(.tooManyCallsOfAll(limit: 1))
            for _ in 0..<5 {
                setting.transport.take(setting.transport.queuedByteCount)
                setting.connection.drained()
                try setting.endTurn()
            }
            let sent = setting.sent
            #expect(sent.map(\.id) == [1, 3, 5, 7, 9, 11, 13, 15, 17, 19])
            #expect(sent[2...3].map(\.reason) == ["CANCELLED", "LIMIT_REACHED"])
            for frame in sent[4...] { #expect(frame == .response(frame.id, Array(shared.bytes))) }
            #expect(setting.connection.callCount == 0)
            #expect(setting.host.unread.count == 0)
        }
    }

    @Test func `a client that is broken off gives back the answers that wait outside of the queue`() throws {
        var limits = Limits()
        limits.unreadBytes = 8 << 20
        try withConnection(limits: limits) { setting in
            setting.transport.room = 0
            for key: UInt32 in [1, 3, 5] { setting.receive(.request(key, "UnloadModels")) }
            let shared = [UInt8](repeating: 7, count: 3 << 20).withUnsafeBytes { SharedBytes(copying: $0) }
            for call in setting.calls.all { call.complete(Payload(shared)) }
            #expect(setting.host.unread.count == 3 << 20)
            #expect(setting.connection.breakOff("x") == 3 << 20)
            try setting.endTurn()
            #expect(setting.transport.isClosed)
            #expect(setting.host.unread.count == 0)
        }
    }

    // MARK: - What waits for windows

    @Test(arguments: [(4_000_000, false), (2_000_000, true)])
    func `what waits for a window counts as unread, and holds nobody back`(limit: Int, isClosed: Bool) throws {
        var limits = Limits()
        limits.unreadBytes = limit
        try withConnection(limits: limits) { setting in
            setting.receive(HTTP2.preface + HTTP2.call(1))
            #expect(setting.calls.all.count == 1)
            let shared = [UInt8](repeating: 7, count: 3_000_000).withUnsafeBytes { SharedBytes(copying: $0) }
            setting.calls.all[0].complete(Payload(shared))
            try setting.endTurn()
            #expect(!setting.dispatcher.isHeldBack)
            #expect(setting.transport.isClosed == isClosed)
            #expect(setting.host.reports == (isClosed ? ["more answers than it may leave unread"] : []))
            if isClosed {
                #expect(setting.host.unread.count == 0)
            } else {
                #expect(setting.transport.isReading)
                #expect(setting.host.unread.count == 3_000_000)
                setting.clock.now += 9
                #expect(setting.connection.unreadWeight == 30_000_000)
                #expect(setting.connection.breakOff("x") == 3_000_000)
                #expect(setting.connection.unreadWeight == 0)
            }
        }
    }
}
