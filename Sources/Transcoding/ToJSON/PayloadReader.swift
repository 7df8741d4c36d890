internal import Bytes

/// Reads a message of a payload as strictly as protobuf-c does, and says where in the payload something is wrong.
struct PayloadReader {
    /// Offsets in errors count from its start, also within a message in it.
    private let payload: UnsafeRawBufferPointer
    private var reader: ProtobufReader

    init(_ message: UnsafeRawBufferPointer, of payload: UnsafeRawBufferPointer) {
        self.payload = payload
        reader = ProtobufReader(message)
    }

    var isAtEnd: Bool { reader.isAtEnd }

    private var offset: Int {
        guard let start = payload.baseAddress, let position = reader.unread.baseAddress else { return 0 }
        return position - UnsafeRawPointer(start)
    }

    mutating func readTag() throws(RequestError) -> ProtobufTag {
        let start = offset
        let value = try readVarint()
        // protobuf-c reads no tag of more than five bytes, not even one that is padded with zero bits.
        guard offset - start <= 5 else { throw .invalid("is not protobuf: bad field number at byte \(start)") }
        do throws(ProtobufProblem) {
            let tag = try ProtobufTag(decoding: value)
            guard tag.wireType != .startGroup && tag.wireType != .endGroup else { throw .unknownWireType }
            return tag
        } catch .unknownWireType {
            throw .invalid("is not protobuf of the contract: wire type \(value & 7) at byte \(start)")
        } catch {
            throw .invalid("is not protobuf: bad field number at byte \(start)")
        }
    }

    /// The bytes of a value; for `lengthDelimited` without the length.
    mutating func readValue(_ tag: ProtobufTag) throws(RequestError) -> UnsafeRawBufferPointer {
        switch tag.wireType {
        case .varint:
            let start = reader.unread
            _ = try readVarint()
            return UnsafeRawBufferPointer(rebasing: start.prefix(start.count - reader.unread.count))
        case .fixed64: return try take(8)
        case .fixed32: return try take(4)
        case .lengthDelimited:
            let start = offset
            let length = try readVarint()
            // As with tags, protobuf-c reads five bytes of length at most.
            guard offset - start <= 5 else { throw .invalid("is not protobuf: bad length at byte \(start)") }
            return try take(length)
        case .startGroup, .endGroup: preconditionFailure("the tag of a group has been refused")
        }
    }

    private mutating func readVarint() throws(RequestError) -> UInt64 {
        let (start, bytes) = (offset, reader.unread)
        do throws(ProtobufProblem) {
            let value = try reader.readVarint()
            // The tenth byte has room for one bit.
            let isLongest = bytes.count - reader.unread.count == Varint.maximumLength
            if isLongest && bytes[Varint.maximumLength - 1] > 1 { throw .varintTooLong }
            return value
        } catch {
            throw .invalid("is not protobuf: bad varint at byte \(start)")
        }
    }

    private mutating func take(_ count: UInt64) throws(RequestError) -> UnsafeRawBufferPointer {
        do {
            return try reader.readBytes(count)
        } catch {
            throw .invalid("is not protobuf: it ends within the value at byte \(offset)")
        }
    }
}
