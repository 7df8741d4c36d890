import FuzzSupport

@testable import Gateway

@MainActor private let door = DoorStub()

/// Requests of HTTP/1.1: what they are does not depend on how they are cut into reads, a plain reading makes the same of them,
/// and whoever is led here by a web page gets nothing.
@MainActor @_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTPRequests(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count) else { return -1 }
    let whole = event(input, inReadsOf: Swift.max(input.bytes.count, 1))
    let inPieces = event(input, inReadsOf: 1 + input.control % 64)
    demand(whole == inPieces, "in one read: \(whole as Any), in pieces: \(inPieces as Any)")
    let plain = PlainRequest(input.bytes)
    switch whole {
    case nil: demand(plain == nil, "a request that is there is not seen")
    case .bad(let reason):
        demand(!reason.isEmpty && plain?.isBad == true, "a request is refused: \(reason)")
        check(door.answer(to: .bad(reason)), .badRequest)
    case .request(let request):
        guard let plain, !plain.isBad else { fatalError("what is no request is taken for one: \(request)") }
        demand(plain.request == request, "another request: \(request), \(plain.request)")
        check(door.answer(to: .request(request)), plain.code)
    }
    return 0
}

/// The first event, and demands that there is no second one.
private func event(_ input: FuzzInput, inReadsOf size: Int) -> HTTPServerSession.Event? {
    let session = HTTPServerSession()
    var first: HTTPServerSession.Event?
    for range in input.pieces(of: size) {
        input.withCopy(of: range, padding: 0) { bytes in
            var unread = bytes
            while let event = session.next(&unread) {
                demand(first == nil, "a request comes behind another")
                first = event
            }
            demand(unread.isEmpty, "a session that waits for more has left something")
        }
    }
    demand(session.isOver == (first != nil), "a session is over before its request, or goes on behind it")
    demand(!session.isOver || session.unfinishedByteCount == 0, "something is kept of a request that has come")
    return first
}

private func check(_ answer: HTTPAnswer, _ code: HTTPAnswer.Code) {
    demand(answer.code == code, "an answer of \(answer.code) and not of \(code)")
    let text = String(decoding: answer.encoded(isHead: false), as: UTF8.self)
    let head = String(decoding: answer.encoded(isHead: true), as: UTF8.self)
    demand(text == head + answer.body, "an answer is not its head and its body")
    demand(head.hasPrefix("HTTP/1.1 \(code.rawValue) ") && head.hasSuffix("\r\n\r\n"), "a head is cut off: \(head)")
    demand(head.utf8.count { $0 == 0x0A } == (code == .methodNotAllowed ? 6 : 5), "a line too many: \(head)")
    demand(head.contains("Content-Length: \(answer.body.utf8.count)\r\n"), "another length: \(head)")
}
