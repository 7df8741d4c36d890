import FuzzSupport

@testable import HTTP

/// Both limits are ones that inputs reach.
@MainActor private var reader = HTTPResponseReader(headLimit: 1024, bodyLimit: 1024)

/// Answers of an upstream: what they are depends neither on how they are cut into reads nor on how the body is wanted.
@MainActor @_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTPResponses(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count) else { return -1 }
    let size = 1 + input.control % 64
    let delivery: BodyDelivery =
        switch input.control / 64 {
        case 0, 1: .limitedParts
        case 2: .parts
        default: .none
        }
    let whole = read(input, inReadsOf: Swift.max(input.bytes.count, 1), .limitedParts)
    let inPieces = read(input, inReadsOf: size, delivery)
    switch delivery {
    case .limitedParts: demand(whole.isSame(as: inPieces), "in one read: \(whole), in reads of \(size): \(inPieces)")
    case .parts, .none:
        let inOnePiece = read(input, inReadsOf: Swift.max(input.bytes.count, 1), delivery)
        demand(inOnePiece.isSame(as: inPieces), "in one read: \(inOnePiece), in reads of \(size): \(inPieces)")
        if whole.error == nil { compare(whole, inPieces, delivery) }
    }
    return 0
}

@MainActor private func compare(_ whole: Answer, _ other: Answer, _ delivery: BodyDelivery) {
    demand(other.hasSameHead(as: whole), "with a limit: \(whole), wanted otherwise: \(other)")
    demand(other.parts == (delivery == .parts ? whole.parts : []), "a body depends on how it is wanted")
    demand(other.body == whole.body, "the body of an error depends on how another would be wanted")
}

@MainActor private func read(_ input: FuzzInput, inReadsOf size: Int, _ delivery: BodyDelivery) -> Answer {
    var answer = Answer()
    reader.expect(delivery)
    // One piece of memory for all reads, as that of the loop is: nothing may be read behind it, and what is kept of a
    // read is spoilt by the next.
    let size = Swift.max(size, input.leastPieceSize)
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size + HTTPResponseReader.padding, alignment: 1)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0x39)
    for range in input.pieces(of: size) {
        let lent = UnsafeMutableRawBufferPointer(rebasing: memory[(size - range.count)..<size])
        lent.copyMemory(from: UnsafeRawBufferPointer(rebasing: input.bytes[range]))
        read(UnsafeRawBufferPointer(lent), of: &answer)
        lent.initializeMemory(as: UInt8.self, repeating: 0x39)
        answer.unread = input.bytes.count - range.upperBound
        if answer.isOver { break }
    }
    if !answer.isOver {
        if let end = reader.endOfConnection() { answer.take(end) } else { answer.fail(.connectionLost) }
    }
    demand(answer.isOver, "an answer goes on when its connection has ended")
    return answer
}

@MainActor private func read(_ bytes: UnsafeRawBufferPointer, of answer: inout Answer) {
    var unread = bytes
    do throws(HTTPError) {
        while !answer.isOver, let event = try reader.next(&unread) { answer.take(event) }
    } catch {
        answer.fail(.http(error))
    }
}
