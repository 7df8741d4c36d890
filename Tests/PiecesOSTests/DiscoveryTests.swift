import Testing

@testable import PiecesOS

struct DiscoveryTests {
    @Test func `the documented port comes first, then the older one, then the range`() {
        let ports = Discovery.ports(writtenDown: nil)
        #expect(ports.prefix(4) == [1000, 5323, 39300, 39301])
        #expect(ports.last == 39333)
        #expect(ports.count == 36)
    }

    @Test func `the port that is written down comes second`() {
        #expect(Discovery.ports(writtenDown: 40000).prefix(4) == [1000, 40000, 5323, 39300])
        #expect(Discovery.ports(writtenDown: 40000).count == 37)
    }
}
