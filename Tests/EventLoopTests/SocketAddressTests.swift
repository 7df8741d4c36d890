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

    @Test func `what cannot be the path of a socket is said to be, with its length and the most there is`() throws {
        let longest = String(repeating: "é", count: 53) + "x"
        for path in ["/run/x.sock", "x", "./@x", "a@b", longest] { #expect(SocketAddress.fault(inPath: path) == nil) }
        #expect(SocketAddress.fault(inPath: "") != nil)
        #expect(SocketAddress.fault(inPath: "/x\u{0}y") != nil)
        let long = try #require(SocketAddress.fault(inPath: longest + "é"))
        #expect(long.contains("109") && long.contains("107"))
    }

    @Test func `a path does not begin with an @, and it is said how such a file is named`() throws {
        let fault = try #require(SocketAddress.fault(inPath: "@name"))
        #expect(fault.contains("abstract") && fault.contains("permissions") && fault.contains("./@name"))
    }

    @Test func `a name that cannot exist is not resolved`() {
        #expect(throws: ResolverError.self) { try SocketAddress.resolve("no such host", port: 80) }
    }
}
