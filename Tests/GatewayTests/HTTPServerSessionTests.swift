import Testing

@testable import Gateway

struct HTTPServerSessionTests {
    /// The events of bytes that come in reads of so many.
    private func events(_ text: String, inReadsOf size: Int = .max) -> [HTTPServerSession.Event] {
        let session = HTTPServerSession()
        var events: [HTTPServerSession.Event] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: min(size, bytes.count)) {
            bytes[start..<min(start + min(size, bytes.count), bytes.count)].withUnsafeBytes {
                var unread = $0
                while let event = session.next(&unread) { events.append(event) }
                #expect(unread.isEmpty)
            }
        }
        return events
    }

    @Test(arguments: [
        (
            "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
            HTTPServerRequest(method: "GET", target: "/health", host: "localhost")
        ),
        (
            "HEAD /metrics?x=/y HTTP/1.0\r\nhOST:\t 127.0.0.1:80 \t\r\nAccept: */*\r\nEmpty:\r\n\r\n",
            HTTPServerRequest(method: "HEAD", target: "/metrics?x=/y", host: "127.0.0.1:80")
        ),
        ("POST / HTTP/1.0\r\n\r\n", HTTPServerRequest(method: "POST", target: "/")),
        (
            "GET / HTTP/1.1\r\nHost:\r\nOrigin: null\r\n\r\n",
            HTTPServerRequest(method: "GET", target: "/", host: "", hasOrigin: true)
        ),
        (
            "GET http://example.org?q HTTP/1.1\r\nHost: localhost\r\n\r\n",
            HTTPServerRequest(method: "GET", target: "/?q", host: "example.org")
        ),
    ])
    func `a request is the same whole, byte by byte and with more behind it`(text: String, request: HTTPServerRequest) {
        #expect(events(text) == [.request(request)])
        #expect(events(text, inReadsOf: 1) == [.request(request)])
        #expect(events(text + text + "\0\n", inReadsOf: 7) == [.request(request)])
    }

    @Test(arguments: [
        ("GET /\r\n\r\n", "the first line is not 'METHOD target HTTP/1.1'"),
        ("GET  / HTTP/1.1\r\n\r\n", "the first line is not 'METHOD target HTTP/1.1'"),
        ("GE(T / HTTP/1.1\r\n\r\n", "the first line is not 'METHOD target HTTP/1.1'"),
        ("GET / HTTP/3\r\n\r\n", "'HTTP/3' is not HTTP/1.1"),
        ("GET / HTTP/1.1\n", "a line ends without a carriage return"),
        ("GET / HTTP/1.1\r\nHost: a\r\n\n", "a line ends without a carriage return"),
        ("GET / HTTP/1.1\r\nHost: \u{1}\r\n\r\n", "a line has a control character"),
        ("GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "a line has a control character"),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "Host comes twice"),
        ("GET / HTTP/1.1\r\n folded\r\n\r\n", "a line of the head is not 'name: value'"),
        ("GET / HTTP/1.1\r\nHost : a\r\n\r\n", "a line of the head is not 'name: value'"),
        ("GET / HTTP/1.1\r\n\r\n", "there is no Host"),
        ("\r\n", "there is no request line"),
    ])
    func `what is no request is refused with the reason`(text: String, reason: String) {
        #expect(events(text) == [.bad(reason)])
        #expect(events(text, inReadsOf: 1) == [.bad(reason)])
    }

    @Test func `a head of 16 KiB is read, and one that goes on is not`() {
        let start = "GET / HTTP/1.0\r\nX: "
        let padding = String(repeating: "x", count: HTTPServerSession.maximumHead - start.utf8.count - 4)
        #expect(events(start + padding + "\r\n\r\n") == [.request(.init(method: "GET", target: "/"))])
        #expect(events(start + padding + "x\r\n\r\n") == [.bad("the head has more than 16384 bytes")])
    }

    @Test func `a head is under way from its first byte to its last`() {
        let session = HTTPServerSession()
        #expect(!session.isMidHead)
        for (text, count, isMidHead) in [("GET / HT", 8, true), ("TP/1.0\r\n", 16, true), ("\r\nmore", 0, false)] {
            Array(text.utf8).withUnsafeBytes {
                var unread = $0
                _ = session.next(&unread)
            }
            #expect(session.isMidHead == isMidHead)
            #expect(session.unfinishedByteCount == count)
        }
        #expect(session.isOver)
    }

    @Test(arguments: [
        (nil, true), ("localhost", true), ("LOCALHOST:80", true), ("127.0.0.1", true), ("[::1]:9464", true),
        ("[::1]", true), ("localhost:", true), ("", false), ("::1", false), ("localhost.", false),
        ("127.0.0.1.example.org", false), ("127.0.0.2", false), ("localhost:80x", false), ("localhost:8\u{B3}", false),
        ("user@localhost", false),
    ])
    func `a request is for this machine by three names`(host: String?, isForThisMachine: Bool) {
        let request = HTTPServerRequest(method: "GET", target: "/", host: host)
        #expect(request.isForThisMachine == isForThisMachine)
    }

    @Test func `an answer says its length, and HEAD is answered without the body`() {
        let answer = HTTPAnswer(code: .methodNotAllowed, body: "nö\n")
        let head = """
            HTTP/1.1 405 Method Not Allowed\r
            Allow: GET, HEAD\r
            Content-Type: text/plain; charset=utf-8\r
            Content-Length: 4\r
            Connection: close\r
            \r

            """
        #expect(String(decoding: answer.encoded(isHead: true), as: UTF8.self) == head)
        #expect(String(decoding: answer.encoded(isHead: false), as: UTF8.self) == head + "nö\n")
    }
}
