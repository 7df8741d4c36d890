/// What a field's tag says about the bytes behind it.
enum WireType: UInt8 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case fixed32 = 5
}

/// Reads one message in protobuf's wire format from front to back, in place.
///
///     message = { tag value }
///     tag     = varint: field number << 3 | wire type
///     value   = varint | 8 bytes | varint length, that many bytes | 4 bytes
struct WireReader {
    /// The payload; offsets and errors count from its start, also within a message in it.
    private let bytes: UnsafeRawBufferPointer
    private var offset: Int
    private let end: Int

    init(_ message: Range<Int>, of bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        offset = message.lowerBound
        end = message.upperBound
    }

    var isAtEnd: Bool { offset == end }

    mutating func readTag() throws(RequestError) -> (number: UInt32, type: WireType) {
        let start = offset
        let tag = try readVarint()
        // protobuf-c reads no tag of more than five bytes, not even one that is padded with zero bits.
        guard offset - start <= 5, let tag = UInt32(exactly: tag), tag >> 3 != 0 else {
            throw .invalid("is not protobuf: bad field number at byte \(start)")
        }
        guard let type = WireType(rawValue: UInt8(tag & 7)) else {
            throw .invalid("is not protobuf of the contract: wire type \(tag & 7) at byte \(start)")
        }
        return (tag >> 3, type)
    }

    /// Where a value is: for `lengthDelimited` without the length.
    mutating func readValue(_ type: WireType) throws(RequestError) -> Range<Int> {
        switch type {
        case .varint:
            let start = offset
            _ = try readVarint()
            return start..<offset
        case .fixed64:
            return try take(8)
        case .fixed32:
            return try take(4)
        case .lengthDelimited:
            let start = offset
            let length = try readVarint()
            // As with tags, protobuf-c reads five bytes of length at most.
            guard offset - start <= 5 else {
                throw .invalid("is not protobuf: bad length at byte \(start)")
            }
            return try take(length)
        }
    }

    private mutating func readVarint() throws(RequestError) -> UInt64 {
        let start = offset
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard offset < end else { break }
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 {
                // The tenth byte has room for one bit.
                if shift == 63 && byte > 1 { break }
                return value
            }
        }
        throw .invalid("is not protobuf: bad varint at byte \(start)")
    }

    private mutating func take(_ count: UInt64) throws(RequestError) -> Range<Int> {
        guard count <= UInt64(end - offset) else {
            throw .invalid("is not protobuf: it ends within the value at byte \(offset)")
        }
        defer { offset += Int(count) }
        return offset..<offset + Int(count)
    }
}
