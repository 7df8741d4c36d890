import Glibc
import Testing

@testable import Gateway

struct LoopbackSocketTests {
    @Test(arguments: [
        ("127.0.0.1:9464", "127.0.0.1:9464"), ("localhost:1", "127.0.0.1:1"), ("[::1]:65535", "[::1]:65535"),
        ("127.0.0.1:0", "127.0.0.1:0"),
    ])
    func `loopback addresses are read`(text: String, place: String) {
        #expect(LoopbackSocket.Place(parsing: text)?.description == place)
    }

    @Test(arguments: [
        "", ":", "9464", ":9464", "127.0.0.1", "127.0.0.1:", "127.0.0.1:+1", "127.0.0.1:65536", "127.0.0.1:x",
        "0.0.0.0:1", "127.0.0.2:1", "[::]:1", "::1:1", "[::1%lo]:1", "LOCALHOST:1", "http://127.0.0.1:1",
    ])
    func `nothing else is`(text: String) {
        #expect(LoopbackSocket.Place(parsing: text) == nil)
    }

    @Test func `the address says the port that is free`() throws {
        let socket = try LoopbackSocket(at: try #require(.init(parsing: "127.0.0.1:0")))
        defer { close(socket.descriptor) }
        let place = try #require(LoopbackSocket.Place(parsing: socket.address))
        #expect(place.port != 0)
        #expect(throws: SystemError.self) { try LoopbackSocket(at: place) }
    }
}
