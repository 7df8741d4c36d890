import EventLoop
import Testing

@testable import PiecesOS

struct UpstreamLocationTests {
    private func endpoint(_ text: String) throws -> Endpoint {
        guard case .endpoint(let endpoint) = try UpstreamLocation(parsing: text) else {
            throw UpstreamLocationError.notUsable("it is auto")
        }
        return endpoint
    }

    @Test func `auto is looked for`() throws {
        #expect(try UpstreamLocation(parsing: "auto") == .auto)
        #expect(UpstreamLocation.auto.description == "auto")
    }

    @Test func `localhost is 127.0.0.1 and then ::1, and keeps its name`() throws {
        for text in ["http://localhost:1000", "http://localhost:1000/", "HTTP://localhost:1000"] {
            let endpoint = try endpoint(text)
            #expect(String(decoding: endpoint.authority, as: UTF8.self) == "localhost:1000")
            #expect(
                endpoint.addresses == [
                    .internet(address: "127.0.0.1", port: 1000), .internet(address: "::1", port: 1000),
                ]
            )
            #expect(!endpoint.mustBeTrusted)
            #expect(endpoint.description == "http://localhost:1000")
        }
        #expect(try endpoint("http://LocalHost:1").addresses.count == 2)
    }

    @Test func `without a port it is 80, which the description tells`() throws {
        #expect(try endpoint("http://127.0.0.1").addresses == [.internet(address: "127.0.0.1", port: 80)])
        #expect(try endpoint("http://127.0.0.1:").addresses == [.internet(address: "127.0.0.1", port: 80)])
        #expect(try endpoint("http://[::1]").addresses == [.internet(address: "::1", port: 80)])
        #expect(try endpoint("http://localhost").description == "http://localhost:80")
        #expect(try endpoint("http://localhost:/").description == "http://localhost:80")
        #expect(try endpoint("http://[::1]").description == "http://[::1]:80")
        #expect(String(decoding: try endpoint("http://localhost").authority, as: UTF8.self) == "localhost")
    }

    @Test func `addresses are used as they are`() throws {
        let endpoint = try endpoint("http://[::1]:65535/")
        #expect(endpoint.addresses == [.internet(address: "::1", port: 65535)])
        #expect(String(decoding: endpoint.authority, as: UTF8.self) == "[::1]:65535")
    }

    @Test func `a Unix socket is called localhost`() throws {
        let endpoint = try endpoint("unix:/run/pieces os.sock")
        #expect(endpoint.addresses == [.unix(path: "/run/pieces os.sock")])
        #expect(String(decoding: endpoint.authority, as: UTF8.self) == "localhost")
        #expect(endpoint.description == "unix:/run/pieces os.sock")
        #expect(try self.endpoint("unix:relative").addresses == [.unix(path: "relative")])
    }

    @Test func `the path of a Unix socket has 107 bytes at most`() throws {
        let longest = String(repeating: "x", count: 107)
        #expect(try endpoint("unix:" + longest).addresses == [.unix(path: longest)])
        #expect(throws: UpstreamLocationError.self) { try UpstreamLocation(parsing: "unix:" + longest + "x") }
        #expect(throws: UpstreamLocationError.self) {
            try UpstreamLocation(parsing: "unix:" + String(repeating: "é", count: 54))
        }
    }

    @Test(arguments: [
        "", " auto", "auto ", "AUTO", "localhost", "localhost:1000", "127.0.0.1:1000", "http:", "http:/localhost",
        "https://localhost:1000", "ftp://localhost", "unix", "unix:", "file:///tmp/x", "http://", "http:///",
        "http://:1000", "http://[]:1000", "http://localhost:0", "http://localhost:65536", "http://localhost:-1",
        "http://localhost:+1", "http://localhost:1 ", "http://localhost: 1", "http://localhost:1x",
        "http://localhost:0x10", "http://localhost:1000/models", "http://localhost:1000?x", "http://localhost:1000#x",
        "http://user@localhost:1000", "http://user:word@localhost", "http://localhost\\x", "http://local host",
        "http://localhost:1000\r\nX: y", "http://[::1", "http://[::1]1000", "http://[::1]x:1000", "http://::1",
        "http://::1:1000", "http://localhost:1:2", "http://löcalhost", "http://localhost:\u{0661}",
        "http://localhost:1000//", "unix:@name", "http://localhost:99999999999999999999",
    ])
    func `what is written wrong is refused as that`(text: String) {
        let error = #expect(throws: UpstreamLocationError.self) { try UpstreamLocation(parsing: text) }
        if case .notResolved(let reason)? = error { Issue.record("it was asked for: \(reason)") }
    }

    @Test(arguments: [
        ("localhost:1000", "http://localhost:1000"), ("127.0.0.1:1000", "http://127.0.0.1:1000"),
        ("[::1]:1000", "http://[::1]:1000"), ("1000", "http://localhost:1000"),
        ("https://localhost:1000", "http://localhost:1000"), ("/run/pieces.sock", "unix:/run/pieces.sock"),
        ("./pieces.sock", "unix:./pieces.sock"), ("localhost", nil), ("nonsense", nil), ("", nil),
        ("localhost:99999", nil), ("ftp://localhost", nil),
    ])
    func `what lacks its beginning is asked back with one`(text: String, meaning: String?) {
        let error = #expect(throws: UpstreamLocationError.self) { try UpstreamLocation(parsing: text) }
        let known = "'\(text)' is none of auto, http://host:port and unix:PATH"
        #expect(error?.description == known + (meaning.map { "; did you mean \($0)?" } ?? ""))
    }

    @Test func `a host that nobody knows is said to be unknown, with its name`() throws {
        // RFC 6761 keeps this name from ever existing.
        let error = #expect(throws: UpstreamLocationError.self) {
            try UpstreamLocation(parsing: "http://nobody.invalid:1000")
        }
        guard case .notResolved(let reason)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("nobody.invalid"))
    }
}
