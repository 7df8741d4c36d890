import Testing

@testable import Gateway

struct FrameRoomTests {
    private static let places = FrameRoom.places

    private final class Sender: FrameSender {
        var unfinishedByteCount = FrameRoom.smallSize + 1
        var isHeldUp = false
        private(set) var wentOn = 0

        func goOnSending() { wentOn += 1 }

        func send(_ count: Int = FrameRoom.leastProgress) { unfinishedByteCount += count }
    }

    /// Room that somebody waits for, and what was asked of it.
    private struct Setting {
        let clock = FakeClock()
        let room: FrameRoom
        let holders = (0..<places).map { _ in Sender() }
        let waiting: [Sender]

        init(waiting count: Int) {
            room = FrameRoom(clock: clock, patience: 1_000)
            waiting = (0..<count).map { _ in Sender() }
            for sender in holders { #expect(room.enter(sender)) }
            for sender in waiting { #expect(!room.enter(sender)) }
        }

        var wentOn: [Int] { waiting.map(\.wentOn) }
    }

    @Test func `a few have room, and the others get it one after the other when those are through`() {
        let setting = Setting(waiting: 3)
        setting.room.leave(setting.holders[2])
        #expect(setting.wentOn == [1, 0, 0])
        setting.room.leave(setting.waiting[0])
        #expect(setting.wentOn == [1, 1, 0])
        setting.room.leave(setting.holders[0])
        setting.room.leave(setting.holders[1])
        #expect(setting.wentOn == [1, 1, 1])
        // One place is free.
        #expect(setting.room.enter(Sender()))
        #expect(!setting.room.enter(Sender()))
    }

    @Test func `who hardly goes on has no room after two looks, and may go on all the same`() {
        let setting = Setting(waiting: Self.places)
        setting.room.look()
        for sender in setting.holders.dropFirst(2) { sender.send() }
        setting.holders[1].send(FrameRoom.leastProgress - 1)
        #expect(setting.wentOn.allSatisfy { $0 == 0 })
        setting.room.look()
        #expect(setting.wentOn == [1, 1] + Array(repeating: 0, count: Self.places - 2))
        #expect(setting.holders.allSatisfy { $0.wentOn == 0 })
        // It has had its room.
        setting.room.leave(setting.holders[0])
        #expect(setting.wentOn.reduce(0, +) == 2)
        // Those that have come have had no time to send.
        setting.room.look()
        #expect(setting.wentOn.reduce(0, +) == Self.places)
        setting.room.look()
        #expect(setting.wentOn.allSatisfy { $0 == 1 })
    }

    @Test func `who is held up by the gateway keeps its room`() {
        let setting = Setting(waiting: 1)
        for sender in setting.holders { sender.isHeldUp = true }
        for _ in 0..<5 { setting.room.look() }
        #expect(setting.wentOn == [0])
        setting.holders[1].isHeldUp = false
        setting.room.look()
        #expect(setting.wentOn == [1])
    }

    @Test func `who has waited for long goes on without room, and takes none from others`() {
        let setting = Setting(waiting: 2)
        for sender in setting.holders { sender.isHeldUp = true }
        setting.clock.now += 500
        let late = Sender()
        #expect(!setting.room.enter(late))
        setting.clock.now += 499
        setting.room.look()
        #expect(setting.wentOn == [0, 0])
        setting.clock.now += 1
        setting.room.look()
        #expect(setting.wentOn == [1, 1])
        #expect(late.wentOn == 0)
        setting.room.leave(setting.waiting[0])
        #expect(late.wentOn == 0)
    }

    @Test func `who leaves while it waits is not told`() {
        let setting = Setting(waiting: 2)
        setting.room.leave(setting.waiting[0])
        setting.room.leave(setting.holders[0])
        #expect(setting.wentOn == [0, 1])
    }

    @Test func `looks are due only while somebody waits`() {
        let setting = Setting(waiting: 0)
        var due = 0
        setting.room.lookIsDue = { due += 1 }
        let sender = Sender()
        #expect(!setting.room.enter(sender))
        #expect(!setting.room.enter(Sender()))
        #expect(due == 1)
        setting.room.look()
        #expect(due == 2)
        // All that were there have stalled.
        setting.room.look()
        #expect(due == 2)
    }
}
