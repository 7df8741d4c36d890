internal import Bytes

/// The value of one field of a descriptor: a number or bytes, whichever its wire type brings.
struct WireValue {
    var number: UInt64 = 0
    var bytes = UnsafeRawBufferPointer(start: nil, count: 0)

    var isTrue: Bool { number != 0 }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Calls `body` with the number and the value of each field of a message.
    static func each(
        of message: UnsafeRawBufferPointer,
        _ body: (UInt32, WireValue) throws(ContractError) -> Void
    ) throws(ContractError) {
        var reader = ProtobufReader(message)
        while let (number, value) = try next(&reader) {
            if let value { try body(number, value) }
        }
    }

    /// The next field, without a value if no descriptor has one of its wire type. Nil at the end.
    private static func next(_ reader: inout ProtobufReader) throws(ContractError) -> (UInt32, WireValue?)? {
        guard !reader.isAtEnd else { return nil }
        do throws(ProtobufProblem) {
            let tag = try reader.readTag()
            switch tag.wireType {
            case .varint: return (tag.number, WireValue(number: try reader.readVarint()))
            case .lengthDelimited: return (tag.number, WireValue(bytes: try reader.readBytes()))
            case .fixed64, .fixed32, .startGroup, .endGroup:
                try reader.skipValue(tag)
                return (tag.number, nil)
            }
        } catch {
            throw .notProtobuf
        }
    }
}

extension ContractError {
    static let notProtobuf = ContractError("the descriptor set", "is not a protobuf message; make it again with protoc")
}
