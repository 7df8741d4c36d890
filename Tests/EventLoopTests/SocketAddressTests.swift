import Testing

@testable import EventLoop

struct SocketAddressTests {
    @Test func `an address is written as it is in a URL`() {
        #expect(SocketAddress.internet(address: "127.0.0.1", port: 1000).description == "127.0.0.1:1000")
        #expect(SocketAddress.internet(address: "::1", port: 1000).description == "[::1]:1000")
        #expect(SocketAddress.unix(path: "/run/x.sock").description == "/run/x.sock")
    }

    @Test func `an address that is one already resolves to itself`() throws {
        #expect(
            try SocketAddress.resolve("127.0.0.1", port: 8080) == [.internet(address: "127.0.0.1", port: 8080)]
        )
        #expect(try SocketAddress.resolve("::1", port: 80) == [.internet(address: "::1", port: 80)])
    }

    @Test func `a name that cannot exist is not resolved`() {
        #expect(throws: ResolverError.self) { try SocketAddress.resolve("no such host", port: 80) }
    }
}
