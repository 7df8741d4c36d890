internal import Bytes
internal import CProtobufC
internal import Contract

@testable package import Transcoding

/// A message as protobuf-c writes it, which is the same for all spellings of one message.
package func canonical(_ bytes: UnsafeRawBufferPointer, as type: ProtobufMessageType) -> [UInt8] {
    let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
    guard let message = protobuf_c_message_unpack(type.descriptor, nil, bytes.count, start) else {
        fatalError("protobuf-c does not take what should be a message")
    }
    defer { protobuf_c_message_free_unpacked(message, nil) }
    return [UInt8](unsafeUninitializedCapacity: protobuf_c_message_get_packed_size(message)) { buffer, count in
        count = protobuf_c_message_pack(message, buffer.baseAddress)
    }
}

/// A message of the contract that the program carries, both ways.
package struct CarriedMessage {
    package let schema: MessageSchema
    package let payloadType: ProtobufMessageType
    /// If it has a list that can be sent in parts.
    package let listSchema: ListSchema?
}

extension CarriedMessage {
    /// Those whose JSON Pieces OS answers.
    package static func all() -> [CarriedMessage] {
        ["Models", "Model", "ModelDeleteCacheOutput"].map(named)
    }

    private static func named(_ name: String) -> CarriedMessage {
        do throws(ContractError) {
            let contract = try Contract.carried()
            guard let message = contract.messages["pieces.models.v1.\(name)"] else { fatalError("no message \(name)") }
            let schemas = Schemas(contract)
            return CarriedMessage(
                schema: try schemas.schema(of: message),
                payloadType: try schemas.payloadType(of: message),
                listSchema: try message.field(named: "iterable").map { (list) throws(ContractError) in
                    try schemas.listSchema(of: message, list: list)
                }
            )
        } catch {
            fatalError("the contract cannot be used: \(error)")
        }
    }
}

extension RequestDecoder {
    /// The JSON of a message.
    package func json(_ payload: UnsafeRawBufferPointer, as type: ProtobufMessageType) throws(RequestError) -> [UInt8] {
        try withMessage(payload, as: type) { message throws(RequestError) in
            var json = ByteBuffer(capacity: 1)
            try message.appendJSON(to: &json)
            return Array(json.bytes)
        }
    }
}

extension JSONTranscoder {
    /// The message that a text is.
    package func message(_ text: [UInt8], as schema: MessageSchema) throws(JSONTranscodingError) -> [UInt8] {
        let padded = text + [UInt8](repeating: 0x39, count: Self.padding)
        let result = padded.withUnsafeBytes { bytes in
            Result { () throws(JSONTranscodingError) in
                Array(try transcode(UnsafeRawBufferPointer(rebasing: bytes[..<text.count]), as: schema))
            }
        }
        return try result.get()
    }
}

/// What the gateway writes where a message lacks a member that is required and may be null.
package let absentTotal = Array(#""total":null"#.utf8)

extension [UInt8] {
    /// `part` has at least one byte.
    package func contains(_ part: [UInt8]) -> Bool {
        withUnsafeBytes { whole in
            whole.indices.dropLast(part.count - 1).contains {
                whole[$0] == part[0] && whole[$0..<$0 + part.count].elementsEqual(part)
            }
        }
    }
}
