import Calls
import Testing

@testable import GRPC

/// RFC 9113, sections 8.1 to 8.3, and the checks of a gRPC head in their order.
struct RequestHeadTests {
    typealias Fields = [(String, String)]

    private static func without(_ name: String) -> Fields { Talk.head().filter { $0.0 != name } }

    private static let malformed: [(String, Fields)] = [
        ("no :method", without(":method")),
        ("no :scheme", without(":scheme")),
        ("no :path", without(":path")),
        ("an empty :path", [(":method", "POST"), (":scheme", "http"), (":path", "")]),
        ("two :method", [(":method", "POST")] + Talk.head()),
        ("two :scheme", [(":scheme", "http")] + Talk.head()),
        ("two :path", [(":path", "/a/b")] + Talk.head()),
        ("two :authority", [(":authority", "x")] + Talk.head()),
        ("an unknown pseudo-header", [(":test", "ok")] + Talk.head()),
        ("a pseudo-header of responses", [(":status", "200")] + Talk.head()),
        ("a pseudo-header behind a field", without(":path") + [(":path", "/a/b")]),
        ("a capital", Talk.head(Talk.unloadPath, [("X-Test", "ok")])),
        ("a name with a blank", Talk.head(Talk.unloadPath, [("x test", "ok")])),
        ("a name with a colon", Talk.head(Talk.unloadPath, [("x:test", "ok")])),
        ("an empty name", Talk.head(Talk.unloadPath, [("", "ok")])),
        ("connection", Talk.head(Talk.unloadPath, [("connection", "keep-alive")])),
        ("keep-alive", Talk.head(Talk.unloadPath, [("keep-alive", "1")])),
        ("proxy-connection", Talk.head(Talk.unloadPath, [("proxy-connection", "keep-alive")])),
        ("transfer-encoding", Talk.head(Talk.unloadPath, [("transfer-encoding", "chunked")])),
        ("upgrade", Talk.head(Talk.unloadPath, [("upgrade", "h2c")])),
        ("te that is not trailers", without("te") + [("te", "trailers, deflate")]),
        ("a content-length that is none", Talk.head(Talk.unloadPath, [("content-length", "-1")])),
        ("an empty content-length", Talk.head(Talk.unloadPath, [("content-length", "")])),
        ("two content-lengths", Talk.head(Talk.unloadPath, [("content-length", "5"), ("content-length", "6")])),
    ]

    @Test(arguments: malformed.indices)
    func `a malformed head resets its stream alone, and nothing goes out`(index: Int) {
        let (what, fields) = Self.malformed[index]
        let bytes = Frame.head(1, fields).bytes + Frame.data(1, message([])).bytes + Talk.call(3)
        let outcome = outcome(of: bytes, streams: [1])
        #expect(outcome.heard == [.refused(1), .unload(3)], "\(what)")
        #expect(outcome.said == [[.reset(ErrorCode.protocolError)]], "\(what)")
    }

    @Test(arguments: [6, 4, 0])
    func `a content-length that is not what comes resets the stream`(length: Int) {
        let head = Frame.head(1, Talk.head(Talk.unloadPath, [("content-length", "\(length)")])).bytes
        let parts = Frame.data(1, [0, 0, 0], end: false).bytes + Frame.data(1, [0, 0]).bytes
        let outcome = outcome(of: head + parts + Talk.call(3), streams: [1])
        #expect(outcome.heard == [.refused(1), .unload(3)])
        #expect(outcome.said == [[.reset(ErrorCode.protocolError)]])
    }

    @Test func `a content-length that is right is fine`() {
        let heard = outcome(of: Talk.call(1, [], [("content-length", "5")]), streams: []).heard
        #expect(heard == [.unload(1)])
    }

    @Test func `a content-length without any data resets the stream`() {
        let head = Frame.head(1, Talk.head(Talk.unloadPath, [("content-length", "5")]), end: true).bytes
        #expect(outcome(of: head, streams: [1]).said == [[.reset(ErrorCode.protocolError)]])
    }

    @Test(arguments: [([("x", "y")], false), ([(":path", "/a/b")], true), ([("X", "y")], true)] as [(Fields, Bool)])
    func `trailers of a request must end it, and have neither pseudo-headers nor capitals`(
        trailers: Fields,
        end: Bool
    ) {
        let head = Frame.head(1, Talk.head()).bytes + Frame.data(1, message([]), end: false).bytes
        let outcome = outcome(of: head + Frame.head(1, trailers, end: end).bytes + Talk.call(3), streams: [1])
        #expect(outcome.heard == [.refused(1), .unload(3)])
        #expect(outcome.said == [[.reset(ErrorCode.protocolError)]])
    }

    @Test func `data behind the end resets its stream alone, and the call with it`() {
        let talk = Talk()
        _ = talk.takeSaid(0)
        talk.receive(Talk.call(1))
        talk.receive(Frame.data(1, message([])).bytes + Talk.call(3))
        #expect(talk.takeHeard() == [.unload(1), .refused(1), .unload(3)])
        #expect(talk.takeSaid(1) == [.reset(ErrorCode.protocolError)])
        #expect(talk.takeSaid(0).isEmpty)
    }

    @Test func `a call with data right behind its end is never given out`() {
        let talk = Talk()
        _ = talk.takeSaid(0)
        talk.receive(Talk.call(1) + Frame.data(1, message([])).bytes + Talk.call(3))
        #expect(talk.takeHeard() == [.refused(1), .unload(3)])
        #expect(talk.takeSaid(1) == [.reset(ErrorCode.protocolError)])
        #expect(talk.takeSaid(0).isEmpty)
    }

    @Test(arguments: ["/tmp/a b.sock", "%2Ftmp%2Fgateway.sock", "", "localhost", "unix:@[}"])
    func `what stands in authority and scheme does not matter`(authority: String) {
        let fields = [
            (":method", "POST"), (":scheme", "unix"), (":path", Talk.unloadPath), (":authority", authority),
            ("content-type", "application/grpc+proto"),
        ]
        let bytes = Frame.head(1, fields).bytes + Frame.data(1, message([])).bytes
        #expect(outcome(of: bytes, streams: []).heard == [.unload(1)])
    }

    /// Two of them make a header list too long.
    private static let long = String(repeating: "x", count: 8_100)
    private static let get = [(":method", "GET"), (":scheme", "http"), (":path", "/metrics")]
    private static let textHeads: [(Fields, String)] = [
        (get + [("origin", "https://example.com")], "403"),
        (get + [("x", long), ("x", long), ("origin", "https://example.com")], "403"),
        (Talk.head(Talk.unloadPath, [("origin", "null")]), "403"),
        ([(":method", "GET"), (":scheme", "http"), (":path", "/"), ("content-type", "text/html")], "405"),
        ([(":method", "PUT"), (":scheme", "http"), (":path", "/metrics")], "405"),
        ([(":method", "GET"), (":scheme", "http"), (":path", Talk.unloadPath)], "405"),
        (without("content-type"), "415"),
        (without("content-type") + [("content-type", "application/json"), ("grpc-timeout", "x")], "415"),
        (without("content-type") + [("content-type", "application/grpc+json")], "415"),
        (without("content-type") + [("content-type", "application/grpc-web")], "415"),
    ]

    @Test(arguments: textHeads.indices)
    func `what is no call gets a text, by the first of the checks that fails`(index: Int) {
        let (fields, code) = Self.textHeads[index]
        let outcome = outcome(of: Frame.head(1, fields, end: true).bytes + Talk.call(3), streams: [1])
        #expect(outcome.heard == [.refused(1), .unload(3)])
        guard case .head(let head, end: false) = outcome.said[0].first,
            case .data(let text, end: true) = outcome.said[0].last
        else {
            Issue.record("\(outcome.said)")
            return
        }
        #expect(head[0] == ":status: \(code)" && head[1] == "content-type: text/plain; charset=utf-8")
        #expect(head.contains("allow: POST") == (code == "405"))
        #expect(head[2] == "content-length: \(text.count)" && text.count > 20 && text.last == UInt8(ascii: "\n"))
    }

    @Test(arguments: [[], [("origin", "null")]])
    func `what answers HEAD is a head alone`(more: Fields) {
        let fields = [(":method", "HEAD"), (":scheme", "http"), (":path", "/")] + more
        let outcome = outcome(of: Frame.head(1, fields, end: true).bytes, streams: [1])
        guard case .head(let head, end: true) = outcome.said[0].first, outcome.said[0].count == 1 else {
            Issue.record("\(outcome.said)")
            return
        }
        #expect(head[2].hasPrefix("content-length: ") && head[2] != "content-length: 0")
    }

    @Test func `a head of 16 KiB is taken, and a longer one costs its own call alone`() {
        // What a field adds to a header list is its name, its value and 32 bytes.
        let fixed = Talk.head().reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count + 32 }
        let room = 16_384 - fixed - 2 * (1 + 32)
        func fields(_ more: Int) -> Fields {
            let half = String(repeating: "v", count: room / 2)
            return Talk.head(
                Talk.unloadPath,
                [("x", half), ("y", half + String(repeating: "v", count: room % 2 + more))]
            )
        }
        let fits = outcome(of: Frame.head(1, fields(0)).bytes + Frame.data(1, message([])).bytes, streams: [])
        #expect(fits.heard == [.unload(1)])
        let bytes = Frame.head(1, fields(1)).bytes + Talk.call(3)
        let tooLong = outcome(of: bytes, streams: [1])
        let status = Status(
            .resourceExhausted,
            .limitReached,
            "the request's header list has more than 16384 bytes"
        )
        #expect(tooLong.heard == [.refused(1), .unload(3)])
        #expect(tooLong.said == [Said.earlyFailure(status)])
    }

    @Test func `a bomb of references to one long field costs its own call alone`() {
        let value = String(repeating: "v", count: 4_000)
        // A literal that is remembered, as index 62 of the table, and then 10,000 references to it: 40 MB of header list.
        let remembered = [UInt8(0x40)] + Frame.block([("x", value)]).dropFirst()
        let block = Frame.block(Talk.head()) + remembered + [UInt8](repeating: 0x80 | 62, count: 10_000)
        let talk = Talk()
        let before = talk.session.heldByteCount
        talk.receive(Frame(kind: .headers, flags: Frame.endHeaders, id: 1, payload: block))
        #expect(talk.takeHeard() == [.refused(1)])
        #expect(talk.takeSaid(1).count == 2)
        #expect(talk.session.heldByteCount < before + 16_384)
        talk.receive(Talk.call(3))
        #expect(talk.takeHeard() == [.unload(3)])
    }

    private static func refusal(_ refusal: Refusal) -> Status {
        guard case .status(let status) = refusal else { preconditionFailure("no status") }
        return status
    }

    @Test(arguments: ["5", "S", "123456789S", "5s", "-1S", "+1S", "1 S", "", "1.5S", "0x1S"])
    func `a timeout that is none is refused`(timeout: String) {
        let outcome = outcome(of: Talk.call(1, [], [("grpc-timeout", timeout)]) + Talk.call(3), streams: [1])
        #expect(outcome.heard == [.refused(1), .unload(3)])
        let status = Self.refusal(.badTimeout)
        #expect(status.code == .invalidArgument && status.reason == .badRequest)
        #expect(outcome.said[0].first == Said.failure(status)[0])
    }

    @Test(
        arguments: [
            ("0n", nil), ("00000000H", nil), ("1n", 1), ("2u", 2_000), ("3m", 3_000_000), ("4S", 4_000_000_000),
            ("5M", 300_000_000_000), ("6H", 21_600_000_000_000), ("99999999H", UInt64.max),
        ] as [(String, UInt64?)]
    )
    func `a timeout has eight digits at most and a unit, and saturates`(timeout: String, nanoseconds: UInt64?) {
        let expected = nanoseconds.map { CallTimeout.nanoseconds($0) } ?? .expired
        #expect(outcome(of: Talk.call(1, [], [("grpc-timeout", timeout)]), streams: []).heard == [.unload(1, expected)])
    }

    @Test func `an unknown encoding is unimplemented, and the accepted ones are named`() {
        let outcome = outcome(of: Talk.call(1, [], [("grpc-encoding", "snappy")]) + Talk.call(3), streams: [1])
        #expect(outcome.heard == [.refused(1), .unload(3)])
        let status = Self.refusal(.unknownEncoding)
        #expect(status.code == .unimplemented && status.reason == .badRequest)
        #expect(outcome.said[0].first == Said.failure(status)[0])
    }

    @Test(arguments: [
        ("/a.B/C", "a.B", "C"), ("/a/b/C", "a/b", "C"), ("/C", "", "C"), ("C", "", "C"), ("/", "", ""),
        ("//", "", ""), ("*", "", "*"),
    ])
    func `a path is a service and a method`(path: String, service: String, method: String) {
        let bytes = Frame.head(1, Talk.head(path)).bytes + Frame.data(1, message([])).bytes
        let expected = Heard.call(1, service: service, method: method, payload: [], .unspecified, traceparent: nil)
        #expect(outcome(of: bytes, streams: []).heard == [expected])
    }

    @Test func `of a key that comes more than once the last counts`() {
        let call = Talk.call(1, [], [("traceparent", "a"), ("traceparent", "b")])
        #expect(outcome(of: call, streams: []).heard == [.unload(1, traceparent: "b")])
    }
}
