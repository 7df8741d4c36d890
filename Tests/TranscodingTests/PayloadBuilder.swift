import Bytes

@testable import Transcoding

/// Protobuf wire bytes, written field by field as the encoding's specification has them.
struct PayloadBuilder {
    private(set) var bytes: [UInt8] = []

    static func make(_ build: (inout PayloadBuilder) -> Void) -> [UInt8] {
        var builder = PayloadBuilder()
        build(&builder)
        return builder.bytes
    }

    mutating func varint(_ field: UInt64, _ value: UInt64) {
        raw(field << 3)
        raw(value)
    }

    mutating func bool(_ field: UInt64, _ value: Bool) { varint(field, value ? 1 : 0) }

    mutating func int64(_ field: UInt64, _ value: Int64) { varint(field, UInt64(bitPattern: value)) }

    mutating func double(_ field: UInt64, _ value: Double) {
        raw(field << 3 | 1)
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift))
        }
    }

    mutating func bytes(_ field: UInt64, _ value: [UInt8]) {
        raw(field << 3 | 2)
        raw(UInt64(value.count))
        bytes += value
    }

    mutating func string(_ field: UInt64, _ value: String) { bytes(field, Array(value.utf8)) }

    mutating func message(_ field: UInt64, _ build: (inout PayloadBuilder) -> Void) {
        bytes(field, PayloadBuilder.make(build))
    }

    mutating func timestamp(_ field: UInt64, seconds: Int64, nanos: Int32 = 0) {
        message(field) {
            $0.int64(1, seconds)
            $0.int64(2, Int64(nanos))
        }
    }

    mutating func additionalProperties(_ text: String) { string(1000, text) }

    private mutating func raw(_ varint: UInt64) {
        var rest = varint
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// The JSON of a payload.
func json(
    _ payload: [UInt8],
    as message: TestMessage = .model,
    decoder: RequestDecoder = RequestDecoder()
) throws(RequestError) -> String {
    try json(payload, as: message.payloadType, decoder: decoder)
}

func json(_ payload: [UInt8], as type: ProtobufMessageType, decoder: RequestDecoder) throws(RequestError) -> String {
    try unpack(payload, as: type, decoder: decoder) { message throws(RequestError) in
        var json = ByteBuffer(capacity: 1)
        try message.appendJSON(to: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}

/// The JSON of a message of the contract, written field by field.
func json(
    of message: TestMessage = .model,
    _ build: (inout PayloadBuilder) -> Void
) throws(RequestError) -> String {
    try json(PayloadBuilder.make(build), as: message)
}

func unpack<Result>(
    _ payload: [UInt8],
    as message: TestMessage,
    decoder: RequestDecoder = RequestDecoder(),
    _ body: (borrowing ProtobufMessage) throws(RequestError) -> Result
) throws(RequestError) -> Result {
    try unpack(payload, as: message.payloadType, decoder: decoder, body)
}

func unpack<Result>(
    _ payload: [UInt8],
    as type: ProtobufMessageType,
    decoder: RequestDecoder,
    _ body: (borrowing ProtobufMessage) throws(RequestError) -> Result
) throws(RequestError) -> Result {
    // In memory of its own size, so that a sanitizer sees the first byte that is read behind it.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: payload.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: payload)
    return try decoder.withMessage(UnsafeRawBufferPointer(copy), as: type, body)
}
