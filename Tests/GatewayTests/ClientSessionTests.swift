import Bytes
import Calls
import GRPC
import Testing

@testable import Gateway

struct ClientSessionTests {
    private func session(isDoor: Bool = false) -> ClientSession {
        var limits = Limits()
        limits.request = 1024
        return ClientSession(isDoor: isDoor, Sessions(limits: limits, countingIn: HeldBytes(), clock: FakeClock()))
    }

    /// The events of reads, each by its kind.
    private func kinds(_ reads: [[UInt8]], isDoor: Bool = false) -> [String] {
        var session = session(isDoor: isDoor)
        var kinds: [String] = []
        for read in reads {
            read.withUnsafeBytes {
                var unread = $0
                while let event = session.next(&unread) {
                    switch event {
                    case .call: kinds.append("call")
                    case .refused(let key, let reason): kinds.append("refused \(key.rawValue) \(reason.rawValue)")
                    case .http(.request(let request)): kinds.append("\(request.method) \(request.target)")
                    case .http(.bad): kinds.append("bad")
                    case .message(let key, let message): kinds.append("message \(key.rawValue) \(Array(message))")
                    case .endOfRequest(let key): kinds.append("end \(key.rawValue)")
                    case .page(let page): kinds.append("page \(page.key.rawValue)")
                    case .cancelled(let key): kinds.append("cancelled \(key.rawValue)")
                    case .drained(let key): kinds.append("drained \(key.rawValue)")
                    case .nothing: kinds.append("nothing")
                    case .large(let count): kinds.append("large \(count)")
                    case .over: kinds.append("over")
                    case .foreign: kinds.append("foreign")
                    }
                }
            }
        }
        return kinds
    }

    private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A request without a byte of data.
    private static let emptyRequest: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 1, 1, 0]

    @Test func `a zero begins ttrpc, but not at a door`() {
        #expect(kinds([Self.emptyRequest]) == ["call"])
        #expect(kinds(Self.emptyRequest.map { [$0] }) == ["call"])
        #expect(kinds([Self.emptyRequest], isDoor: true) == ["foreign"])
    }

    @Test(arguments: [false, true])
    func `a capital letter begins HTTP, however its bytes come`(isDoor: Bool) {
        for method in ["GET", "POST", "PUT", "PRX", "P", "PR"] {
            let text = "\(method) /x HTTP/1.0\r\n\r\n"
            #expect(kinds([bytes(text)], isDoor: isDoor) == ["\(method) /x"])
            #expect(kinds(bytes(text).map { [$0] }, isDoor: isDoor) == ["\(method) /x"])
        }
    }

    @Test func `the preface of HTTP 2 is told from a method by its third byte`() {
        #expect(kinds([bytes("PR")]) == [])
        let preface = bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        #expect(kinds([bytes("P"), bytes("R"), bytes("I")]) == [])
        #expect(kinds([bytes("P"), bytes("R"), bytes("I")], isDoor: true) == ["foreign"])
        #expect(kinds([bytes("PRIX")]) == ["over"])
        #expect(kinds([preface]) == [])
        for size in [1, 2, 3, 7, preface.count] {
            var session = session()
            for start in stride(from: 0, to: preface.count, by: size) {
                preface[start..<min(start + size, preface.count)].withUnsafeBytes {
                    var unread = $0
                    while session.next(&unread) != nil {}
                }
            }
            // A frame of SETTINGS goes out first.
            let type = session.outgoing.own[3]
            #expect(type == 4)
            let hasStreams = session.hasStreams
            #expect(hasStreams)
        }
    }

    @Test(arguments: ["\u{1}", "get", " ", "\r\n", "@", "[", "\u{7F}"])
    func `anything else is foreign`(text: String) {
        #expect(kinds([bytes(text)]) == ["foreign"])
    }

    @Test func `what is refused says why`() {
        #expect(kinds([[0, 0, 0, 0, 0, 0, 0, 2, 1, 0]]) == ["refused 2 BAD_REQUEST"])
        #expect(kinds([[0, 0, 4, 1, 0, 0, 0, 1, 1, 0]]) == ["refused 1 FRAME_TOO_LARGE"])
        #expect(kinds([[0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0xFF]]) == ["refused 1 BAD_REQUEST"])
    }

    @Test func `what has begun is under way, whatever it is`() {
        for begun in ["P", "PR", "GET", "\0"] {
            var session = session()
            let isMidFrameBefore = session.isMidFrame
            bytes(begun).withUnsafeBytes {
                var unread = $0
                _ = session.next(&unread)
            }
            let isMidFrame = session.isMidFrame
            #expect(!isMidFrameBefore && isMidFrame)
        }
    }
}
