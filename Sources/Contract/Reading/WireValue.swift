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
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            switch tag.wireType {
            case .varint: try body(tag.number, WireValue(number: try reader.readVarint()))
            case .lengthDelimited: try body(tag.number, WireValue(bytes: try reader.readBytes()))
            case .fixed64, .fixed32: try reader.skip(tag.wireType)
            }
        }
    }
}
