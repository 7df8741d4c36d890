import Calls
import EventLoop
import Testing

@testable import Gateway

/// A client that does not read, or is slow.
struct ClientConnectionPaceTests {
    private static let highWater = 256 * 1024

    /// Has the connection answer a call with so many bytes at once.
    private func answer(_ count: Int, _ key: UInt32, _ setting: ConnectionSetting) throws {
        [UInt8](repeating: 7, count: count).withUnsafeBytes { setting.connection.complete(CallKey(key), $0) }
        try setting.endTurn()
    }

    @Test func `no more requests are read once 256 KiB wait, until all of it has been read`() throws {
        try withConnection { setting in
            setting.transport.room = 0
            // The head of a frame is ten bytes, and that of the payload in it four.
            try answer(Self.highWater - 14, 1, setting)
            #expect(setting.transport.queuedByteCount == Self.highWater)
            #expect(setting.transport.isReading)
            try answer(0, 3, setting)
            #expect(!setting.transport.isReading)
            #expect(setting.dispatcher.isHeldBack)
            setting.transport.take(Self.highWater)
            #expect(!setting.transport.isReading)
            setting.transport.take(10)
            setting.connection.drained()
            #expect(setting.transport.isReading)
            #expect(!setting.dispatcher.isHeldBack)
        }
    }

    @Test func `the time of a frame counts anew when the client could not go on with it`() throws {
        var limits = Limits()
        limits.frameTime = 400
        try withConnection(limits: limits) { setting in
            setting.receive([0, 0, 0, 9])
            setting.transport.room = 0
            try answer(Self.highWater, 1, setting)
            for _ in 0..<8 {
                setting.clock.now += limits.lookInterval
                #expect(setting.connection.isStillSlow(now: setting.clock.now))
            }
            setting.clock.now += 40
            setting.transport.take(setting.transport.queuedByteCount)
            setting.connection.drained()
            for rest in [limits.lookInterval - 40] + Array(repeating: limits.lookInterval, count: 3) {
                setting.clock.now += rest
                #expect(setting.connection.isStillSlow(now: setting.clock.now))
            }
            setting.clock.now += limits.lookInterval
            #expect(!setting.connection.isStillSlow(now: setting.clock.now))
            #expect(setting.transport.isClosed)
            #expect(setting.host.reports == ["a frame does not arrive whole"])
        }
    }

    @Test func `a stream waits while 256 KiB of it are unread, and goes on when they have been read`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "StreamModelsSnapshot"), .request(3, "StreamModelsSnapshot"))
            let call = setting.calls.all[0]
            let message = [UInt8](repeating: 7, count: Self.highWater - 10)
            setting.transport.room = 0
            message.withUnsafeBytes { setting.connection.send($0, of: call) }
            #expect(!call.isPaused)
            [UInt8(1)].withUnsafeBytes { setting.connection.send($0, of: call) }
            #expect(call.isPaused)
            #expect(!setting.calls.all[1].isPaused)
            try setting.endTurn()
            #expect(call.isPaused)
            setting.transport.take(setting.transport.queuedByteCount)
            setting.connection.drained()
            #expect(!call.isPaused)
        }
    }

    @Test func `a stream that the socket takes at once goes on in the next turn`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "StreamModelsSnapshot"))
            let message = [UInt8](repeating: 7, count: Self.highWater / 2)
            for _ in 0..<2 { message.withUnsafeBytes { setting.connection.send($0, of: setting.calls.all[0]) } }
            #expect(setting.calls.all[0].isPaused)
            try setting.endTurn()
            #expect(!setting.calls.all[0].isPaused)
            #expect(setting.transport.isReading)
        }
    }

    @Test func `a client that leaves more unread than it may is closed, and its calls with it`() throws {
        var limits = Limits()
        limits.unreadBytes = 1_000
        try withConnection(limits: limits) { setting in
            setting.transport.room = 0
            setting.receive(.request(1, "UnloadModels"))
            try answer(986, 3, setting)
            #expect(setting.transport.queuedByteCount == 999)
            #expect(!setting.transport.isClosed)
            try answer(0, 5, setting)
            #expect(setting.transport.isClosed)
            #expect(setting.host.reports == ["more answers than it may leave unread"])
            #expect(setting.dispatcher.ended == [.init(key: 1, code: .cancelled)])
        }
    }

    @Test func `a socket that takes nothing is closed at the end of the turn, and that is nobody's fault`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "UnloadModels"), .request(3, "UnloadModels"))
            setting.transport.error = .connectionRefused
            let payload = [UInt8](repeating: 7, count: Self.highWater)
            payload.withUnsafeBytes { setting.calls.all[0].complete(Payload(lent: $0)) }
            #expect(!setting.transport.isClosed)
            try setting.endTurn()
            #expect(setting.transport.isClosed)
            #expect(setting.host.reports.isEmpty)
            #expect(setting.dispatcher.ended == [.init(key: 1, code: .ok), .init(key: 3, code: .cancelled)])
        }
    }

    @Test func `a client is watched while it is in a frame or has something to read, once at a time`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "UnloadModels"))
            try setting.endTurn()
            #expect(setting.host.watched.isEmpty)
            setting.receive([0, 0])
            setting.receive([0])
            #expect(setting.host.watched.count == 1)
            #expect(setting.connection.isStillSlow(now: setting.clock.now + 1))
            setting.receive(Array(Frame.request(3, "UnloadModels").bytes.dropFirst(3)))
            #expect(!setting.connection.isStillSlow(now: setting.clock.now + 2))
            setting.transport.room = 0
            try answer(1, 1, setting)
            #expect(setting.host.watched.count == 2)
        }
    }

    @Test func `a client that reads nothing is closed when its time is over`() throws {
        var limits = Limits()
        limits.readTime = 400
        try withConnection(limits: limits) { setting in
            setting.transport.room = 0
            try answer(10, 1, setting)
            for _ in 0..<3 {
                setting.clock.now += limits.lookInterval
                #expect(setting.connection.isStillSlow(now: setting.clock.now))
            }
            setting.clock.now += limits.lookInterval
            #expect(!setting.connection.isStillSlow(now: setting.clock.now))
            #expect(setting.host.reports == ["it does not read its answers"])
            #expect(!setting.connection.isStillSlow(now: setting.clock.now))
        }
    }

    @Test(arguments: [(1_000, true, false), (1_001, false, false), (1_001, true, true)])
    func `streams that wait end after a second if others wait for their connections`(
        time: UInt64,
        othersWait: Bool,
        mustEnd: Bool
    ) throws {
        try withConnection { setting in
            setting.receive(
                .request(1, "StreamModelsSnapshot"),
                .request(3, "UnloadModels"),
                .request(5, "StreamModelsSnapshot")
            )
            setting.transport.room = 0
            [UInt8](repeating: 7, count: Self.highWater).withUnsafeBytes {
                setting.connection.send($0, of: setting.calls.all[0])
            }
            try setting.endTurn()
            setting.dispatcher.keepsOthersWaiting = othersWait
            setting.clock.now += time
            #expect(setting.connection.isStillSlow(now: setting.clock.now))
            let ended = [5, 1].map { FakeDispatcher.Ended(key: $0, code: .resourceExhausted) }
            #expect(setting.dispatcher.ended == (mustEnd ? ended : []))
        }
    }

    @Test(arguments: [(3, false), (4, true)])
    func `streams that wait for their client more often than not are slow, however often it reads`(
        waits: Int,
        areSlow: Bool
    ) throws {
        try withConnection { setting in
            setting.receive(.request(1, "StreamModelsSnapshot"), .request(3, "UnloadModels"))
            let connection = setting.connection
            let stream = setting.calls.all[0]
            connection.pause(stream)
            #expect(setting.host.streaming.count == 1)
            for look in 0..<8 {
                // It is read in between, and others are behind at once.
                if look < waits { stream.pause() } else { stream.resume() }
                #expect(connection.noteWaitingStreams())
            }
            #expect(connection.slowStreamCount == (areSlow ? 1 : 0))
            connection.giveUpSlowStreams()
            let ended = [FakeDispatcher.Ended(key: 1, code: .resourceExhausted)]
            #expect(setting.dispatcher.ended == (areSlow ? ended : []))
        }
    }

    @Test func `a client none of whose streams has waited lately is forgotten`() throws {
        try withConnection { setting in
            setting.receive(.request(1, "StreamModelsSnapshot"))
            setting.connection.pause(setting.calls.all[0])
            setting.calls.all[0].resume()
            #expect(!setting.connection.noteWaitingStreams())
            setting.connection.pause(setting.calls.all[0])
            #expect(setting.connection.noteWaitingStreams())
            setting.calls.all[0].resume()
            for _ in 0..<7 { #expect(setting.connection.noteWaitingStreams()) }
            #expect(!setting.connection.noteWaitingStreams())
        }
    }
}
