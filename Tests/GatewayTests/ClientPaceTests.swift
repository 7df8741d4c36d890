import Testing

@testable import Gateway

@Suite struct ClientPaceTests {
    private let limits = {
        var limits = Limits()
        limits.frameTime = 200
        limits.readTime = 300
        return limits
    }()

    private func fault(
        of pace: ClientPace,
        unread: Int = 0,
        isMidFrame: Bool = false,
        now: UInt64
    ) -> ClientPace.Fault? {
        pace.look(unread: unread, isMidFrame: isMidFrame, now: now, limits: limits)
    }

    /// Looks as often as the gateway does, and finds nothing wrong.
    private func keepLooking(
        at pace: ClientPace,
        unread: Int = 0,
        isMidFrame: Bool = false,
        from start: UInt64,
        until end: UInt64
    ) {
        for now in stride(from: start, to: end, by: Int(limits.lookInterval)) {
            #expect(fault(of: pace, unread: unread, isMidFrame: isMidFrame, now: now) == nil)
        }
    }

    @Test func `a frame has all of its time, whatever part of a millisecond it began in`() {
        let pace = ClientPace()
        pace.beginFrame(now: 1_000)
        pace.watch(unread: 0, now: 1_000)
        keepLooking(at: pace, isMidFrame: true, from: 1_000, until: 1_200)
        #expect(fault(of: pace, isMidFrame: true, now: 1_200) == nil)
        #expect(pace.isWatched)
        #expect(fault(of: pace, isMidFrame: true, now: 1_201) == .sending)
        #expect(!pace.isWatched)
    }

    @Test func `who reads nothing has all of the time for it`() {
        let pace = ClientPace()
        pace.handOver(50, behind: 0, now: 1_000)
        pace.watch(unread: 50, now: 1_000)
        keepLooking(at: pace, unread: 50, from: 1_000, until: 1_300)
        #expect(fault(of: pace, unread: 50, now: 1_300) == nil)
        #expect(!pace.isBehind(for: 300, now: 1_300))
        #expect(pace.isBehind(for: 300, now: 1_301))
        #expect(fault(of: pace, unread: 50, now: 1_301) == .reading)
        #expect(!pace.isWatched)
    }

    @Test func `who reads a byte has the time anew`() {
        let pace = ClientPace()
        pace.handOver(50, behind: 0, now: 1_000)
        pace.watch(unread: 50, now: 1_000)
        keepLooking(at: pace, unread: 50, from: 1_000, until: 1_301)
        keepLooking(at: pace, unread: 49, from: 1_301, until: 1_601)
        #expect(fault(of: pace, unread: 49, now: 1_601) == nil)
        #expect(fault(of: pace, unread: 49, now: 1_602) == .reading)
    }

    @Test func `who has read everything and begun no frame is looked at no more`() {
        let pace = ClientPace()
        pace.handOver(50, behind: 0, now: 1_000)
        pace.watch(unread: 50, now: 1_000)
        #expect(fault(of: pace, now: 9_000) == nil)
        #expect(!pace.isWatched)
    }

    @Test func `what is new in the queue counts from the look that first sees it`() {
        let pace = ClientPace()
        pace.handOver(50, behind: 0, now: 1_000)
        pace.watch(unread: 50, now: 1_000)
        pace.beginFrame(now: 1_150)
        keepLooking(at: pace, isMidFrame: true, from: 1_150, until: 1_299)
        pace.handOver(50, behind: 0, now: 1_299)
        #expect(fault(of: pace, unread: 50, isMidFrame: true, now: 1_300) == nil)
        #expect(!pace.isBehind(for: 100, now: 1_300))
        pace.beginFrame(now: 1_400)
        keepLooking(at: pace, unread: 50, isMidFrame: true, from: 1_400, until: 1_600)
        #expect(fault(of: pace, unread: 50, isMidFrame: true, now: 1_600) == nil)
        #expect(fault(of: pace, unread: 50, isMidFrame: true, now: 1_601) == .reading)
    }

    @Test func `what is left unread weighs more the longer there has been something, read or not`() {
        let pace = ClientPace()
        pace.handOver(50, behind: 0, now: 1_000)
        #expect(pace.weight(held: 50, now: 1_000) == 50)
        #expect(pace.weight(held: 50, now: 1_009) == 500)
        pace.handOver(10, behind: 1, now: 1_009)
        #expect(pace.weight(held: 60, now: 1_009) == 600)
        pace.handOver(10, behind: 0, now: 1_010)
        #expect(pace.weight(held: 10, now: 1_010) == 10)
    }

    @Test func `who is in the middle of a frame is not behind with what was queued a moment ago`() {
        let pace = ClientPace()
        pace.beginFrame(now: 1_000)
        pace.watch(unread: 0, now: 1_000)
        pace.handOver(50, behind: 0, now: 1_150)
        #expect(pace.weight(held: 50, now: 1_150) == 50)
        #expect(!pace.isBehind(for: 100, now: 1_160))
        #expect(pace.isBehind(for: 100, now: 1_251))
    }

    @Test func `a frame weighs more the longer nothing of it has come`() {
        let pace = ClientPace()
        pace.beginFrame(now: 1_000)
        pace.watch(unread: 0, now: 1_000)
        #expect(pace.weight(unfinished: 50, now: 1_000) == 50)
        #expect(pace.weight(unfinished: 50, now: 1_009) == 500)
        pace.continueFrame(now: 1_009)
        #expect(pace.weight(unfinished: 60, now: 1_009) == 60)
        keepLooking(at: pace, isMidFrame: true, from: 1_009, until: 1_200)
        #expect(fault(of: pace, isMidFrame: true, now: 1_201) == .sending)
    }

    @Test func `a look that comes late counts anew, whatever it is for`() {
        for (unread, isMidFrame, fault) in [(0, true, ClientPace.Fault.sending), (50, false, .reading)] {
            let pace = ClientPace()
            pace.beginFrame(now: 1_000)
            pace.handOver(50, behind: 0, now: 1_000)
            pace.watch(unread: unread, now: 1_000)
            let late = 1_000 + limits.longLookInterval + 1
            #expect(self.fault(of: pace, unread: unread, isMidFrame: isMidFrame, now: late + 5_000) == nil)
            #expect(!pace.isBehind(for: 0, now: late + 5_000))
            #expect(pace.weight(unfinished: 7, now: late + 5_000) == 7)
            let end = late + 5_000 + (isMidFrame ? limits.frameTime : limits.readTime)
            keepLooking(at: pace, unread: unread, isMidFrame: isMidFrame, from: late + 5_000, until: end)
            #expect(self.fault(of: pace, unread: unread, isMidFrame: isMidFrame, now: end) == nil)
            #expect(self.fault(of: pace, unread: unread, isMidFrame: isMidFrame, now: end + 1) == fault)
        }
    }

    @Test func `a look is late a quarter after its time, or 50 milliseconds`() {
        for (frameTime, interval, late) in [(200, 51, 101), (2_000, 501, 626), (60_000, 1_001, 1_251)]
            as [(UInt64, UInt64, UInt64)]
        {
            var limits = Limits()
            limits.frameTime = frameTime
            #expect(limits.lookInterval == interval)
            for (wait, fault) in [(late, ClientPace.Fault.sending), (late + 1, nil)] {
                let pace = ClientPace()
                pace.beginFrame(now: 1_000)
                pace.watch(unread: 0, now: 1_001 + frameTime - wait)
                #expect(pace.look(unread: 0, isMidFrame: true, now: 1_001 + frameTime, limits: limits) == fault)
            }
        }
    }
}
