internal import CContract

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

extension RequestDecoder {
    /// The JSON of a message.
    package func json(_ payload: UnsafeRawBufferPointer, as type: ProtobufMessageType) throws(RequestError) -> [UInt8] {
        try withMessage(payload, as: type) { message throws(RequestError) in
            var json: [UInt8] = []
            try message.appendJSON(to: &json)
            return json
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
