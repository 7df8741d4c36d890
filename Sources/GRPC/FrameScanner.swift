internal import Bytes
internal import Glibc

/// Finds where frames begin, so that the session gets them one at a time and sees each before nghttp2 does. It reads nothing
/// but their headers (RFC 9113, section 4.1), which come after the preface of 24 bytes:
///
///     0        3      4       5           9
///     +--------+------+-------+-----------+
///     | length | type | flags | stream id |
///     +--------+------+-------+-----------+
struct FrameScanner: ~Copyable {
    static let prefaceLength = 24
    static let headerLength = 9
    /// Bytes of the header that say how long what follows is.
    static let lengthLength = 3
    static let flagsPlace = 4
    /// Frames come in pieces of so many bytes at most, unless they are DATA: a header block of a few bytes can stand for many
    /// fields.
    static let mostAtOnce = 256

    struct Header {
        let length: Int
        let type: UInt8
        let flags: UInt8
        let streamID: Int32
        var isData: Bool { type == 0 }
        var isHead: Bool { type == 1 }
        var endsStream: Bool { flags & 1 != 0 }
    }

    /// Bytes that lie within one frame.
    struct Piece {
        /// Set when they begin with it.
        let header: Header?
        let bytes: UnsafeRawBufferPointer
        /// It is as long as a piece of a head can be.
        var isLongHead = false

        /// The block of a head that is whole, and nothing but the block: END_HEADERS is set, PADDED and PRIORITY are not (RFC 9113,
        /// section 6.2).
        var wholeBlock: UnsafeRawBufferPointer? {
            guard let header, header.isHead, header.flags & 0x2C == 0x04 else { return nil }
            let block = UnsafeRawBufferPointer(rebasing: bytes[headerLength...])
            return block.count == header.length ? block : nil
        }
    }

    private var prefaceLeft = prefaceLength
    /// A header that comes in pieces.
    private let headerBytes = UnsafeMutableRawBufferPointer.allocate(byteCount: headerLength, alignment: 1)
    private var headerCount = 0
    private var payloadLeft = 0
    private var isData = false

    deinit { headerBytes.deallocate() }

    /// Part of the preface or of a frame has arrived, and the rest is due.
    var isMidFrame: Bool { prefaceLeft > 0 || headerCount > 0 || payloadLeft > 0 }

    /// The next piece of `unread`, which then begins behind it; nil when all that has come is part of a header. It is lent
    /// until the next call.
    @inline(__always)
    mutating func next(_ unread: inout UnsafeRawBufferPointer) -> Piece? {
        if prefaceLeft > 0 {
            let bytes = unread.removePrefix(atMost: prefaceLeft)
            prefaceLeft -= bytes.count
            return Piece(header: nil, bytes: bytes)
        }
        if payloadLeft > 0 {
            let bytes = unread.removePrefix(atMost: isData ? payloadLeft : min(payloadLeft, Self.mostAtOnce))
            payloadLeft -= bytes.count
            return Piece(header: nil, bytes: bytes, isLongHead: !isData && bytes.count == Self.mostAtOnce)
        }
        if headerCount == 0, unread.count >= Self.headerLength {
            let header = Self.header(unread)
            isData = header.isData
            let length = isData ? header.length : min(header.length, Self.mostAtOnce)
            let bytes = unread.removePrefix(atMost: Self.headerLength + length)
            payloadLeft = Self.headerLength + header.length - bytes.count
            return Piece(header: header, bytes: bytes, isLongHead: !isData && length == Self.mostAtOnce)
        }
        return gatherHeader(&unread)
    }

    /// The header of the next frame, if all of it has come with what came before.
    func upcoming(_ unread: UnsafeRawBufferPointer) -> Header? {
        isMidFrame || unread.count < Self.headerLength ? nil : Self.header(unread)
    }

    private mutating func gatherHeader(_ unread: inout UnsafeRawBufferPointer) -> Piece? {
        let part = unread.removePrefix(atMost: Self.headerLength - headerCount)
        UnsafeMutableRawBufferPointer(rebasing: headerBytes[headerCount...]).copyMemory(from: part)
        headerCount += part.count
        guard headerCount == Self.headerLength else { return nil }
        headerCount = 0
        let bytes = UnsafeRawBufferPointer(headerBytes)
        let header = Self.header(bytes)
        isData = header.isData
        payloadLeft = header.length
        return Piece(header: header, bytes: bytes)
    }

    static func endsStream(_ frame: UnsafeRawBufferPointer) -> Bool { frame[flagsPlace] & 1 != 0 }

    /// One of the numbers of four bytes that a frame's payload begins with.
    static func word(_ place: Int, of frame: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(bigEndian: frame.loadUnaligned(fromByteOffset: headerLength + 4 * place, as: UInt32.self))
    }

    static func header(_ bytes: UnsafeRawBufferPointer) -> Header {
        let first = UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))
        let streamID = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 5, as: UInt32.self))
        return Header(
            length: Int(first >> 8),
            type: UInt8(truncatingIfNeeded: first),
            flags: bytes[4],
            streamID: Int32(streamID & 0x7FFF_FFFF)
        )
    }
}
