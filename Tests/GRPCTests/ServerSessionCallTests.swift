import Bytes
import Calls
import Testing

@testable import GRPC

struct ServerSessionCallTests {
    @Test func `the first thing said is the settings, and no setting of grpc's own`() {
        let talk = Talk(greeting: false) { $0.calls = 100 }
        #expect(
            talk.takeSaid(0) == [
                .settings([
                    [0, 3, 0, 0, 0, 100],
                    [0, 6, 0, 0, 0x40, 0],
                    [0, 4, 0, 0x10, 0, 0],
                    [0, 9, 0, 0, 0, 1],
                ]),
                .windowUpdate(4_194_304 - 65_535),
            ]
        )
    }

    @Test func `no more calls are announced than 1,024`() {
        let talk = Talk(greeting: false) { $0.calls = 100_000 }
        guard case .settings(let settings)? = talk.takeSaid(0).first else { preconditionFailure("no settings") }
        #expect(settings[0] == [0, 3, 0, 0, 4, 0])
    }

    @Test func `a request becomes a call, with all that it says`() {
        let more = [("grpc-timeout", "5S"), ("TraceParent".lowercased(), "00-1"), ("x-other", "dropped")]
        let bytes = Talk.call(1, [8, 1]) + Talk.call(3, [], more)
        let outcome = outcome(of: bytes, streams: [1, 3])
        #expect(
            outcome.heard == [
                .unload(1, payload: [8, 1]), .unload(3, .nanoseconds(5_000_000_000), traceparent: "00-1"),
            ]
        )
        #expect(outcome.said == [[], []])
    }

    @Test func `a call begins when the client has ended its side, however it says so`() {
        let whole = message([8, 1])
        let head = Frame.head(1, Talk.head()).bytes
        let ways = [
            head + Frame.data(1, whole).bytes,
            head + Frame.data(1, whole, end: false).bytes + Frame.data(1, []).bytes,
            head + Frame.data(1, Array(whole[..<3]), end: false).bytes + Frame.data(1, Array(whole[3...])).bytes,
            head + Frame.data(1, whole, end: false).bytes + Frame.head(1, [("x-trailer", "1")], end: true).bytes,
            head + whole.flatMap { Frame.data(1, [$0], end: false).bytes } + Frame.data(1, []).bytes,
            head + Frame(kind: .data, flags: Frame.padded | 1, id: 1, payload: [4] + whole + [0, 0, 0, 0]).bytes,
        ]
        for bytes in ways {
            #expect(outcome(of: bytes, streams: [1]).heard == [.unload(1, payload: [8, 1])])
        }
        let talk = Talk()
        talk.receive(head + Frame.data(1, whole, end: false).bytes)
        #expect(talk.takeHeard() == [])
    }

    @Test func `a head may come in continuations`() {
        let block = Frame.block(Talk.head())
        let parts = [block[..<20], block[20..<40], block[40...]].map { Array($0) }
        let bytes =
            Frame(kind: .headers, id: 1, payload: parts[0]).bytes
            + Frame(kind: .continuation, id: 1, payload: parts[1]).bytes
            + Frame(kind: .continuation, flags: Frame.endHeaders, id: 1, payload: parts[2]).bytes
            + Frame.data(1, message([])).bytes
        #expect(outcome(of: bytes, streams: [1]).heard == [.unload(1)])
    }

    @Test func `a unary answer leaves in one piece`() {
        let talk = Talk()
        talk.receive(Talk.call(1))
        _ = talk.takeSaid(0)
        talk.complete(1, [8, 1])
        let frames = Frame.parse(talk.session.outgoing.joined)
        #expect(frames.map(\.kind) == [.headers, .data, .headers])
        #expect(talk.takeSaid(1) == Said.answer([8, 1]))
        // The second answer's head and trailers are what the client remembers: a byte a field.
        talk.receive(Talk.call(3))
        talk.complete(3, [])
        #expect(Frame.parse(talk.session.outgoing.joined).map(\.payload.count) == [3, 5, 1])
        #expect(talk.takeSaid(3) == Said.answer([]))
        #expect(talk.session.streams.isEmpty)
    }

    @Test func `a stream is a head, messages and trailers`() {
        let talk = Talk()
        talk.receive(Talk.call(1))
        talk.send(1, [1])
        talk.send(1, [])
        talk.session.complete(CallKey(1))
        #expect(
            talk.takeSaid(1) == [
                .head(Said.answerHead, end: false), .data(message([1]), end: false), .data(message([]), end: false),
                .head(["grpc-status: 0"], end: true),
            ]
        )
    }

    @Test func `a stream without a message is one frame`() {
        let talk = Talk()
        talk.receive(Talk.call(1))
        talk.session.complete(CallKey(1))
        #expect(talk.takeSaid(1) == [.head(Said.answerHead + ["grpc-status: 0"], end: true)])
    }

    @Test func `an error before the first message is one frame that ends the stream`() {
        let talk = Talk()
        talk.receive(Talk.call(1))
        let status = Status(.unavailable, .upstreamUnreachable, "start Pieces OS\n", requestSent: false)
        talk.session.fail(CallKey(1), status)
        let said = talk.takeSaid(1)
        guard case .head(let fields, end: true)? = said.first, said.count == 1 else {
            Issue.record("\(said)")
            return
        }
        #expect(Array(fields.prefix(5)) == Said.answerHead + ["grpc-status: 14", "grpc-message: start Pieces OS%0A"])
        #expect(fields.count == 6 && fields[5].hasPrefix("grpc-status-details-bin: CA4SEHN0YXJ0"))
        #expect(!fields[5].hasSuffix("="))
    }

    @Test func `an error behind messages is in the trailers`() {
        let talk = Talk()
        talk.receive(Talk.call(1))
        talk.send(1, [1])
        talk.session.fail(CallKey(1), Status(.internal, .upstreamBadJSON, "no JSON"))
        let said = talk.takeSaid(1)
        #expect(Array(said.prefix(2)) == [.head(Said.answerHead, end: false), .data(message([1]), end: false)])
        guard case .head(let fields, end: true)? = said.last else { preconditionFailure("no trailers") }
        #expect(Array(fields.prefix(2)) == ["grpc-status: 13", "grpc-message: no JSON"])
    }

    @Test func `what is answered to a call that is over goes nowhere`() {
        let talk = Talk()
        talk.receive(Talk.call(1))
        talk.receive(.reset(1, 8))
        #expect(talk.takeHeard() == [.unload(1), .cancelled(1)])
        talk.complete(1, [])
        talk.send(1, [])
        talk.session.complete(CallKey(1))
        talk.session.fail(CallKey(1), Status(.internal, .badRequest, ""))
        talk.complete(99, [])
        #expect(talk.takeSaid(1) == [])
    }

    @Test func `a call that is answered cannot be answered again`() {
        let talk = Talk()
        talk.receive(Talk.call(1))
        talk.complete(1, [1])
        talk.complete(1, [2])
        #expect(talk.takeSaid(1) == Said.answer([1]))
    }

    @Test func `the messages of a request stream come one by one, compressed or not`() {
        let head = Frame.head(1, Talk.head(Talk.reflectionPath)).bytes
        let two = Frame.data(1, message([1]) + message([2, 3]) + [0, 0], end: false).bytes
        let rest = Frame.data(1, [0, 0, 1, 4]).bytes
        let outcome = outcome(of: head + two + rest, streams: [1])
        #expect(
            outcome.heard == [
                .requestStream(1, method: "ServerReflectionInfo"), .message(1, [1]), .message(1, [2, 3]),
                .message(1, [4]), .endOfRequest(1),
            ]
        )
    }

    @Test func `whoever stops asking in the middle of a read loses nothing`() {
        let head = Frame.head(1, Talk.head(Talk.reflectionPath)).bytes
        let data = Frame.data(1, message([1]) + message([2]) + message([3]), end: false).bytes
        let talk = Talk()
        var rest = head + data + Talk.call(3)
        var heard: [Heard] = []
        while true {
            // One event a read, whose bytes are gone afterwards.
            let isOver = Array(rest).withUnsafeBytes { bytes in
                var unread = bytes
                guard let event = talk.session.next(&unread, now: talk.now) else { return true }
                heard.append(Heard(event))
                talk.session.keepArrived()
                rest = Array(unread)
                return false
            }
            if isOver { break }
        }
        let messages = [1, 2, 3].map { Heard.message(1, [$0]) }
        #expect(heard == [.requestStream(1, method: "ServerReflectionInfo")] + messages + [.unload(3)])
    }

    @Test func `a request stream is answered while it goes on`() {
        let talk = Talk()
        talk.receive(.head(1, Talk.head(Talk.reflectionPath)), .data(1, message([1]), end: false))
        talk.send(1, [9])
        #expect(talk.takeSaid(1) == [.head(Said.answerHead, end: false), .data(message([9]), end: false)])
        talk.receive(.data(1, message([2]), end: false))
        talk.session.complete(CallKey(1))
        // The client is told that nobody reads what it may go on to send.
        #expect(talk.takeSaid(1) == [.head(["grpc-status: 0"], end: true), .reset(0)])
        #expect(talk.session.streams.isEmpty)
    }

    @Test func `pages are answered over HTTP2 too`() {
        let get = [(":method", "GET"), (":scheme", "http"), (":path", "/health")]
        let head = [(":method", "HEAD"), (":scheme", "http"), (":path", "/metrics?x=1")]
        let talk = Talk()
        talk.receive(.head(1, get, end: true), .head(3, head, end: true))
        #expect(talk.takeHeard() == [.page(1, "/health", isHead: false), .page(3, "/metrics?x=1", isHead: true)])
        talk.session.respond(CallKey(1), status: 503, contentType: "text/plain", body: Array("no\n".utf8))
        talk.session.respond(CallKey(3), status: 200, contentType: "text/plain", body: Array("a 1\n".utf8))
        let fields = [":status: 503", "content-type: text/plain", "content-length: 3"]
        #expect(talk.takeSaid(1) == [.head(fields, end: false), .data(Array("no\n".utf8), end: true)])
        #expect(
            talk.takeSaid(3) == [.head([":status: 200", "content-type: text/plain", "content-length: 4"], end: true)]
        )
    }
}
