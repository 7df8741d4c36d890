import Bytes
import Testing

@testable import HTTP

struct HTTPRequestTests {
    private func text(
        _ request: HTTPRequest,
        authority: String = "localhost:1000",
        lines: HTTPHeaderLines = HTTPHeaderLines()
    ) -> String {
        var bytes = ByteBuffer(capacity: 0)
        request.appendHead(to: &bytes, common: HTTPRequest.lines(for: Array(authority.utf8)), lines: lines)
        return String(decoding: Array(bytes.bytes) + (request.body.map { Array($0.bytes) } ?? []), as: UTF8.self)
    }

    private func request(_ method: StaticString, _ path: String, _ body: String? = nil) -> HTTPRequest {
        let body = body.map { text in Array(text.utf8).withUnsafeBytes { SharedBytes(copying: $0) } }
        return HTTPRequest(method: method, path: Array(path.utf8), body: body)
    }

    @Test(arguments: ["GET", "DELETE", "HEAD"] as [StaticString])
    func `where a body is unusual, nothing is said of one that is not there`(method: StaticString) {
        #expect(
            text(request(method, "/models"))
                == "\(method) /models HTTP/1.1\r\nHost: localhost:1000\r\nAccept: application/json, text/plain\r\n\r\n"
        )
    }

    @Test(arguments: ["POST", "PUT", "PATCH"] as [StaticString])
    func `where a body is usual, it is said that there is none, and no type`(method: StaticString) {
        #expect(
            text(request(method, "/models/unload"), authority: "127.0.0.1:39300")
                == "\(method) /models/unload HTTP/1.1\r\nHost: 127.0.0.1:39300\r\n"
                + "Accept: application/json, text/plain\r\nContent-Length: 0\r\n\r\n"
        )
    }

    @Test(arguments: ["POST", "DELETE"] as [StaticString])
    func `a body goes out with type and length`(method: StaticString) {
        #expect(
            text(request(method, "/models/create", #"{"name":"é"}"#))
                == "\(method) /models/create HTTP/1.1\r\nHost: localhost:1000\r\n"
                + "Accept: application/json, text/plain\r\n"
                + "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"name\":\"é\"}"
        )
    }

    @Test func `further lines stand in the head`() throws {
        var lines = HTTPHeaderLines()
        for (name, value) in [("application", "x"), ("tracestate", "y")] as [(StaticString, String)] {
            try Array(value.utf8).withUnsafeBytes { try lines.append(name, $0) }
        }
        #expect(
            text(request("POST", "/models/unload"), lines: lines)
                == "POST /models/unload HTTP/1.1\r\nHost: localhost:1000\r\n"
                + "Accept: application/json, text/plain\r\napplication: x\r\ntracestate: y\r\n"
                + "Content-Length: 0\r\n\r\n"
        )
    }

    @Test func `a request is appended to what is there`() {
        var bytes = ByteBuffer(capacity: 0)
        bytes.append("before")
        let common = HTTPRequest.lines(for: Array("h".utf8))
        request("GET", "/models").appendHead(to: &bytes, common: common, lines: HTTPHeaderLines())
        let appended = Array(bytes.bytes)
        #expect(appended.starts(with: "beforeGET /models HTTP/1.1\r\nHost: h\r\n".utf8))
    }

    @Test func `only a GET may be repeated`() {
        #expect(request("GET", "/models").isRepeatable)
        for method in ["POST", "PUT", "PATCH", "DELETE", "GETS", "get", ""] as [StaticString] {
            #expect(!request(method, "/models").isRepeatable)
        }
    }

    @Test func `without its body it takes nothing for that`() {
        let dropped = request("POST", "/models", "{}").withoutBody
        #expect(dropped.body == nil)
        #expect(dropped.size == 7)
    }

    @Test func `its size is what a client can make long`() {
        #expect(request("GET", "/models").size == 7)
        #expect(request("POST", "/models", "{}").size == 9)
        #expect(!request("POST", "/", String(repeating: "x", count: 65_535)).isLarge)
        #expect(request("POST", "/", String(repeating: "x", count: 65_536)).isLarge)
    }
}
