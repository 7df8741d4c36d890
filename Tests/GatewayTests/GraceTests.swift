import Testing

@testable import Gateway

struct GraceTests {
    @Test func `it is over when nothing has come for more than 20 milliseconds`() {
        let grace = Grace(now: 1_000)
        #expect(!grace.isOver(now: 1_000))
        #expect(!grace.isOver(now: 1_020))
        #expect(grace.isOver(now: 1_021))
    }

    @Test func `what comes extends it, to 100 milliseconds in all`() {
        var grace = Grace(now: 1_000)
        for now in stride(from: UInt64(1_010), to: 1_100, by: 10) {
            #expect(!grace.isOver(now: now))
            grace.extend(now: now)
        }
        #expect(!grace.isOver(now: 1_099))
        #expect(grace.isOver(now: 1_100))
    }
}
