import Bytes
import Calls
import FuzzSupport

@testable import GRPC

/// The head of a gRPC request and its messages, each beside what a plain reading makes of the same: fields on lines of their
/// own, `name:value`, then an empty line and what DATA carries.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzGRPCHeads(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count) else { return -1 }
    let end = endOfHead(input.bytes)
    let head = UnsafeRawBufferPointer(rebasing: input.bytes[..<end])
    switch input.control / 64 {
    case 3: checkTrailers(head)
    case let kind: checkHead(head, isTrailers: kind == 2)
    }
    checkMessages(FuzzInput(input, from: min(end + 2, input.bytes.count)))
    return 0
}

/// Where two line feeds are.
private func endOfHead(_ bytes: UnsafeRawBufferPointer) -> Int {
    var start = 0
    while let feed = bytes[start...].firstIndex(of: 0x0A) {
        if feed + 1 < bytes.count, bytes[feed + 1] == 0x0A { return feed }
        start = feed + 1
    }
    return bytes.count
}

private func checkHead(_ text: UnsafeRawBufferPointer, isTrailers: Bool) {
    var head = RequestHead()
    head.isTrailers = isTrailers
    var fields: [(name: String, value: String)] = []
    for line in text.split(separator: 0x0A) {
        let colon = line.dropFirst().firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        let name = UnsafeRawBufferPointer(rebasing: line[..<colon])
        let value = UnsafeRawBufferPointer(rebasing: line[colon...].dropFirst())
        fields.append((PlainHead.latin1(name), PlainHead.latin1(value)))
        let use = head.take(name, value)
        demand(use != .path || name.spells(":path"), "another field is taken for the path")
        demand(use != .metadata || RequestMetadata.Key(name) != nil && !isTrailers, "a field is no metadata")
    }
    let plain = PlainHead(fields: fields, isTrailers: isTrailers)
    demand(head.isTooLong == plain.isTooLong, "how long a head is")
    demand(head.hasOrigin == plain.hasOrigin, "whether a web page asks")
    // Nobody looks closely at what is refused anyway.
    guard !plain.isTooLong else { return }
    demand(head.isMalformed == plain.isMalformed, "a head is malformed, or not: \(fields)")
    guard !plain.isMalformed else { return }
    demand(head.method == plain.method, "the method is \(head.method)")
    demand(head.contentType == plain.contentType, "the content type is \(head.contentType)")
    demand(head.timeout == plain.timeout, "the timeout is \(head.timeout as Any)")
    demand(head.encoding == plain.encoding, "the encoding is \(head.encoding as Any)")
    demand(head.contentLength == plain.contentLength, "the length is \(head.contentLength as Any)")
}

/// However long a message is and whatever is in it, it fits into trailers and is what the client reads again.
private func checkTrailers(_ text: UnsafeRawBufferPointer) {
    let status = Status(.internal, .badRequest, String(decoding: text, as: UTF8.self))
    let trailers = Trailers(status)
    demand(trailers.length < Trailers.maximumLength, "trailers that are too long")
    demand(trailers.message.allSatisfy { 0x20...0x7E ~= $0 }, "a message with more than a header's characters")
    demand(trailers.message.first != 0x20 && trailers.message.last != 0x20, "a blank that nobody will see")
    let message = PlainHead.percentDecoded(trailers.message)
    demand(status.message.utf8.starts(with: message), "another message")
    demand(message.count == status.message.utf8.count || message.count >= Trailers.keptMessageLength, "cut too short")
}
