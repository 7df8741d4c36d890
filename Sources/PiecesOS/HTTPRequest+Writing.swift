import Bytes
import EventLoop
import HTTP

extension HTTPRequest {
    /// Memory for heads up to this size is kept for the next one.
    private static let keptCapacity = 16 * 1024

    /// Writes it: the body from where it is, behind the head.
    /// - Parameters:
    ///   - common: what each head to this server has.
    ///   - head: memory that is used again.
    func write(
        to stream: ByteStream,
        common: [UInt8],
        _ headers: ForwardedHeaders,
        _ head: inout ByteBuffer
    ) throws(LoopError) {
        head.reset(keeping: Self.keptCapacity)
        appendHead(to: &head, common: common, lines: headers.lines)
        guard let body else { return try stream.write(head.bytes) }
        var outgoing = OutgoingBytes()
        outgoing.own += head.bytes
        outgoing.append(body.bytes, of: body)
        try stream.write(outgoing)
    }
}
