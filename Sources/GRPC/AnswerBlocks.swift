internal import Bytes
internal import CNGHTTP2

/// What HPACK has last made of the head and the trailers of a good answer, which need not be encoded again.
///
/// A client remembers their fields in a table, as nghttp2 does, so that each of them is one byte, its place there. It is the
/// same until something else comes into the table, or the client changes its size.
struct AnswerBlocks {
    private static let trailersFlags = UInt8(NGHTTP2_FLAG_END_STREAM.rawValue | NGHTTP2_FLAG_END_HEADERS.rawValue)

    private var head: (UInt8, UInt8, UInt8)?
    private var trailers: UInt8?

    var hasHead: Bool { head != nil }
    var hasTrailers: Bool { trailers != nil }

    mutating func forget() {
        head = nil
        trailers = nil
    }

    /// Takes notice of a frame that goes out. How many fields it has says which: an error's have other values than places.
    mutating func note(_ frame: UnsafeRawBufferPointer) {
        let block = UnsafeRawBufferPointer(rebasing: frame.dropFirst(FrameScanner.headerLength))
        // An indexed field (RFC 7541, section 6.1): it changes nothing.
        guard block.allSatisfy({ $0 & 0x80 != 0 }) else { return forget() }
        switch block.count {
        case HeaderFields.goodHead.count: head = (block[0], block[1], block[2])
        case HeaderFields.goodTrailers.count: trailers = block[0]
        default: break
        }
    }

    /// Appends a good answer's head.
    /// - Parameter frame: that of a head without any fields.
    func appendHead(_ frame: UnsafeRawBufferPointer, to outgoing: inout OutgoingBytes) {
        guard let head else { preconditionFailure("a head without fields is one that is known") }
        let count = HeaderFields.goodHead.count
        withUnsafeTemporaryAllocation(byteCount: FrameScanner.headerLength + count, alignment: 8) {
            $0.copyMemory(from: frame)
            $0[FrameScanner.lengthLength - 1] = UInt8(count)
            $0[FrameScanner.headerLength] = head.0
            $0[FrameScanner.headerLength + 1] = head.1
            $0[FrameScanner.headerLength + 2] = head.2
            outgoing.own.append(contentsOf: $0)
        }
    }

    /// Appends a good answer's trailers.
    func appendTrailers(_ id: Int32, to outgoing: inout OutgoingBytes) {
        guard let trailers else { preconditionFailure("trailers without nghttp2 are those that are known") }
        withUnsafeTemporaryAllocation(byteCount: FrameScanner.headerLength + 1, alignment: 8) {
            let start = UInt32(1) << 8 | NGHTTP2_HEADERS.rawValue
            $0.storeBytes(of: start.bigEndian, as: UInt32.self)
            $0[FrameScanner.flagsPlace] = Self.trailersFlags
            $0.storeBytes(of: id.bigEndian, toByteOffset: 5, as: Int32.self)
            $0[FrameScanner.headerLength] = trailers
            outgoing.own.append(contentsOf: $0)
        }
    }
}
