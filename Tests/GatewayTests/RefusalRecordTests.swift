import Testing

@testable import Gateway

@Suite struct RefusalRecordTests {
    private func peer(_ process: Int32) -> PeerCredentials {
        PeerCredentials(process: process, user: 5, group: 9)
    }

    @Test func `each peer is logged once for each reason at each socket`() {
        var record = RefusalRecord()
        #expect(record.add(peer(1), at: "/a", "a", now: 0) == .log(unlogged: 0))
        #expect(record.add(peer(1), at: "/a", "a", now: 0) == .keepQuiet)
        #expect(record.add(peer(1), at: "/a", "a", now: 1_000_000) == .keepQuiet)
        #expect(record.add(peer(1), at: "/a", "b", now: 1_000_000) == .log(unlogged: 2))
        #expect(record.add(peer(2), at: "/a", "a", now: 1_000_000) == .log(unlogged: 0))
        #expect(record.add(peer(2), at: "/b", "a", now: 1_000_000) == .log(unlogged: 0))
    }

    @Test func `only so many are logged in a while, and the rest is counted`() {
        var record = RefusalRecord()
        let logged = (1...100).filter { record.add(peer($0), at: "/a", "a", now: 20_000) != .keepQuiet }
        #expect(logged.count == RefusalRecord.maximumEntries)
        #expect(record.add(peer(200), at: "/a", "a", now: 20_000 + RefusalRecord.period - 1) == .keepQuiet)
        #expect(record.add(peer(201), at: "/a", "a", now: 20_000 + RefusalRecord.period) == .log(unlogged: 91))
    }
}
