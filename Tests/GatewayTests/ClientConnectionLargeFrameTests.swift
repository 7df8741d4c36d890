import Calls
import Testing

@testable import Gateway

/// A client in the middle of a large frame.
struct ClientConnectionLargeFrameTests {
    /// Has room, and keeps it.
    private final class Holder: FrameSender {
        let unfinishedByteCount = 1 << 20
        let isHeldUp = true

        func goOnSending() {}
    }

    private let frame = Frame.request(1, "UnloadModels", payload: [UInt8](repeating: 7, count: 200_000)).bytes

    /// Lends a connection and those who have all the room that there is.
    private func withoutRoom(
        limits: Limits = Limits(),
        _ test: (ConnectionSetting, [Holder]) throws -> Void
    ) throws {
        try withConnection(limits: limits) { setting in
            let holders = (0..<FrameRoom.places).map { _ in Holder() }
            for holder in holders { #expect(setting.host.frameRoom.enter(holder)) }
            try test(setting, holders)
        }
    }

    private func receiveBeginning(_ count: Int, _ setting: ConnectionSetting) {
        setting.receive(Array(frame.prefix(count)), inReadsOf: 16 * 1024)
    }

    private func receiveRest(from count: Int, _ setting: ConnectionSetting) {
        setting.receive(Array(frame.dropFirst(count)), inReadsOf: 16 * 1024)
    }

    @Test func `nothing is read of a large frame until there is room for it`() throws {
        try withoutRoom { setting, holders in
            receiveBeginning(FrameRoom.smallSize, setting)
            #expect(setting.transport.isReading)
            receiveRest(from: frame.count - 100_000, setting)
            #expect(!setting.transport.isReading)
            setting.host.frameRoom.leave(holders[3])
            #expect(setting.transport.isReading)
        }
    }

    @Test func `a frame has room until it is whole`() throws {
        try withoutRoom { setting, holders in
            receiveBeginning(100_000, setting)
            setting.host.frameRoom.leave(holders[0])
            let next = Holder()
            #expect(!setting.host.frameRoom.enter(next))
            receiveRest(from: 100_000, setting)
            #expect(setting.dispatcher.requests.map(\.key) == [1])
            #expect(setting.transport.isReading)
            setting.host.frameRoom.leave(next)
            #expect(setting.host.frameRoom.enter(Holder()))
        }
    }

    @Test func `a client that is closed gives its room back`() throws {
        try withoutRoom { setting, holders in
            receiveBeginning(100_000, setting)
            setting.host.frameRoom.leave(holders[0])
            setting.connection.close()
            #expect(setting.host.frameRoom.enter(Holder()))
        }
    }

    @Test func `the time of a frame does not pass while it waits for room`() throws {
        var limits = Limits()
        limits.frameTime = 400
        try withoutRoom(limits: limits) { setting, holders in
            receiveBeginning(100_000, setting)
            for _ in 0..<8 {
                setting.clock.now += limits.lookInterval
                #expect(setting.connection.isStillSlow(now: setting.clock.now))
            }
            setting.clock.now += 50
            setting.host.frameRoom.leave(holders[0])
            for rest in [limits.lookInterval - 50] + Array(repeating: limits.lookInterval, count: 3) {
                setting.clock.now += rest
                #expect(setting.connection.isStillSlow(now: setting.clock.now))
            }
            setting.clock.now += limits.lookInterval
            #expect(!setting.connection.isStillSlow(now: setting.clock.now))
        }
    }

    @Test func `a client that gets room is read only if it reads, too`() throws {
        try withoutRoom { setting, holders in
            receiveBeginning(100_000, setting)
            setting.transport.room = 0
            [UInt8](repeating: 7, count: 256 * 1024).withUnsafeBytes { setting.connection.complete(CallKey(3), $0) }
            try setting.endTurn()
            setting.host.frameRoom.leave(holders[0])
            #expect(!setting.transport.isReading)
            setting.transport.take(setting.transport.queuedByteCount)
            setting.connection.drained()
            #expect(setting.transport.isReading)
        }
    }

    @Test func `a client that has read waits for room still`() throws {
        try withoutRoom { setting, holders in
            receiveBeginning(100_000, setting)
            setting.transport.room = 0
            [UInt8](repeating: 7, count: 256 * 1024).withUnsafeBytes { setting.connection.complete(CallKey(3), $0) }
            try setting.endTurn()
            setting.transport.take(setting.transport.queuedByteCount)
            setting.connection.drained()
            #expect(!setting.transport.isReading)
            setting.host.frameRoom.leave(holders[0])
            #expect(setting.transport.isReading)
        }
    }

    @Test func `what has arrived behind it is read when the gateway ends`() throws {
        try withoutRoom { setting, _ in
            receiveBeginning(100_000, setting)
            setting.transport.arriveLast = { [transport = setting.transport] in
                if transport.isReading { receiveRest(from: 100_000, setting) }
            }
            setting.connection.shutDown()
            #expect(setting.dispatcher.requests.map(\.key) == [1])
            setting.transport.arriveLast = {}
        }
    }
}
