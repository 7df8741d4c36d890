/// Walks the fields of one protobuf message without copying anything: as much as a descriptor set needs.
struct ProtobufReader {
    enum WireType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    struct Tag {
        let number: UInt32
        let wireType: WireType
    }

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func readTag() throws(ContractError) -> Tag {
        let value = try readVarint()
        guard let tag = UInt32(exactly: value), tag >> 3 != 0, let type = WireType(rawValue: UInt8(tag & 7)) else {
            throw .notProtobuf
        }
        return Tag(number: tag >> 3, wireType: type)
    }

    mutating func readVarint() throws(ContractError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard !isAtEnd else { break }
            let byte = bytes[offset]
            offset += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .notProtobuf
    }

    mutating func readBytes() throws(ContractError) -> UnsafeRawBufferPointer {
        let length = try readVarint()
        return try take(length)
    }

    mutating func skip(_ type: WireType) throws(ContractError) {
        switch type {
        case .varint: _ = try readVarint()
        case .fixed64: _ = try take(8)
        case .lengthDelimited: _ = try readBytes()
        case .fixed32: _ = try take(4)
        }
    }

    private mutating func take(_ count: UInt64) throws(ContractError) -> UnsafeRawBufferPointer {
        guard count <= UInt64(bytes.count - offset) else { throw .notProtobuf }
        defer { offset += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(count)])
    }
}

extension ContractError {
    static let notProtobuf = ContractError("the descriptor set", "is not a protobuf message; make it again with protoc")
}
