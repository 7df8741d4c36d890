import EventLoop
import FuzzSupport

@testable import PiecesOS

@MainActor private let reader = HTTPResponseReader(bodyLimit: 1024)

/// Answers of an upstream: what they are depends neither on how they are cut into reads nor on how the body is wanted.
@MainActor @_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTPResponses(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count) else { return -1 }
    let size = 1 + input.control % 64
    let whole = read(input, inReadsOf: Swift.max(input.bytes.count, 1), .whole)
    let inPieces = read(input, inReadsOf: size, .whole)
    demand(whole.isSame(as: inPieces), "in one read: \(whole), in reads of \(size): \(inPieces)")

    let inParts = read(input, inReadsOf: size, .parts)
    let unwanted = read(input, inReadsOf: size, .none)
    demand(inParts.hasSameHead(as: unwanted), "with the body in parts: \(inParts), without it: \(unwanted)")
    // Only a body that is gathered has a limit.
    if whole.error == nil {
        demand(inParts.hasSameHead(as: inPieces), "with the body whole: \(inPieces), in parts: \(inParts)")
        if 200...299 ~= whole.status {
            demand(inParts.parts == whole.body, "the parts of a body are not the body")
            demand(unwanted.parts.isEmpty && unwanted.body.isEmpty, "a body comes that nobody wants")
        } else {
            demand(inParts.body == whole.body, "the body of an error depends on how another would be wanted")
        }
    }
    return 0
}

@MainActor private func read(_ input: FuzzInput, inReadsOf size: Int, _ delivery: Exchange.Delivery) -> Answer {
    let answer = Answer()
    reader.expect(delivery, receiver: answer)
    for range in input.pieces(of: size) where !answer.isOver {
        input.withCopy(of: range, padding: Loop.readPadding) { bytes in
            answer.take(reader.read(bytes), of: reader)
            answer.unread = input.bytes.count - range.upperBound
        }
    }
    if !answer.isOver { answer.take(reader.read(UnsafeRawBufferPointer(start: nil, count: 0)), of: reader) }
    reader.abandon()
    demand(answer.isOver, "an answer goes on when its connection has ended")
    return answer
}
