/// Walks the fields of one protobuf message without copying anything.
///
///     field  = tag value          tag = varint (number << 3 | wire type)
///     value  = varint             wire type 0
///            | 8 bytes            wire type 1
///            | varint that many   wire type 2
///            | 4 bytes            wire type 5
public struct ProtobufReader {
    @usableFromInline var rest: UnsafeRawBufferPointer

    @inlinable
    public init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes
    }

    /// What has not been read yet.
    @inlinable
    public var unread: UnsafeRawBufferPointer { rest }

    @inlinable
    public var isAtEnd: Bool { rest.isEmpty }

    @inlinable
    public mutating func readTag() throws(ProtobufProblem) -> ProtobufTag {
        try ProtobufTag(decoding: readVarint())
    }

    @inlinable
    public mutating func readVarint() throws(ProtobufProblem) -> UInt64 {
        guard let start = rest.baseAddress, !rest.isEmpty else { throw .varintTruncated }
        // Nearly every tag and length is one byte.
        let first = start.load(as: UInt8.self)
        if first < 0x80 {
            rest = UnsafeRawBufferPointer(start: start + 1, count: rest.count &- 1)
            return UInt64(first)
        }
        return try readLongVarint(from: start)
    }

    @usableFromInline
    mutating func readLongVarint(from start: UnsafeRawPointer) throws(ProtobufProblem) -> UInt64 {
        var value: UInt64 = 0
        let available = min(rest.count, Varint.maximumLength)
        for index in 0..<available {
            let byte = start.load(fromByteOffset: index, as: UInt8.self)
            value |= UInt64(byte & 0x7F) << (7 * UInt64(index))
            if byte < 0x80 {
                _ = rest.removePrefix(atMost: index + 1)
                return value
            }
        }
        throw available == Varint.maximumLength ? .varintTooLong : .varintTruncated
    }

    @inlinable
    public mutating func readBytes() throws(ProtobufProblem) -> UnsafeRawBufferPointer {
        try readBytes(readVarint())
    }

    @inlinable
    public mutating func readBytes(_ count: UInt64) throws(ProtobufProblem) -> UnsafeRawBufferPointer {
        guard count <= UInt64(rest.count) else { throw .lengthTooLarge }
        let length = Int(count)
        let bytes = UnsafeRawBufferPointer(start: rest.baseAddress, count: length)
        rest = UnsafeRawBufferPointer(start: rest.baseAddress.map { $0 + length }, count: rest.count &- length)
        return bytes
    }

    @inlinable
    public mutating func readString() throws(ProtobufProblem) -> UnsafeRawBufferPointer {
        let bytes = try readBytes()
        guard bytes.isUTF8 else { throw .notUTF8 }
        return bytes
    }

    public mutating func skipValue(_ tag: ProtobufTag) throws(ProtobufProblem) {
        switch tag.wireType {
        case .varint: _ = try readVarint()
        case .fixed64: try skip(8)
        case .lengthDelimited: _ = try readBytes()
        case .fixed32: try skip(4)
        case .startGroup: try skipGroup(tag.number, depth: 1)
        case .endGroup: throw .group
        }
    }

    /// Groups are out of use, but what a reader does not know it has to be able to skip. As deep as Google's runtimes go.
    private mutating func skipGroup(_ number: UInt32, depth: Int) throws(ProtobufProblem) {
        guard depth <= 100 else { throw .group }
        while true {
            let tag = try readTag()
            switch tag.wireType {
            case .startGroup: try skipGroup(tag.number, depth: depth + 1)
            case .endGroup:
                guard tag.number == number else { throw .group }
                return
            default: try skipValue(tag)
            }
        }
    }

    private mutating func skip(_ count: Int) throws(ProtobufProblem) {
        guard rest.count >= count else { throw .fixedTruncated }
        _ = rest.removePrefix(atMost: count)
    }
}
