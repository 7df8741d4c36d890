import Testing

@testable import PiecesOS

struct DiscoveryTests {
    @Test func `the documented port comes first, then the older one, then the range`() {
        #expect(Discovery.ports(writtenDown: []) == [1000, 5323] + Array(39300...39333))
    }

    @Test func `the ports that are written down come second`() {
        let ports = Discovery.ports(writtenDown: [40000, 40001])
        #expect(ports == [1000, 40000, 40001, 5323] + Array(39300...39333))
    }

    @Test func `no port comes twice`() {
        let ports = Discovery.ports(writtenDown: [39310, 39310])
        #expect(ports == [1000, 39310, 5323] + (39300...39333).filter { $0 != 39310 })
        #expect(Discovery.ports(writtenDown: [1000, 5323]) == Discovery.ports(writtenDown: []))
    }
}
