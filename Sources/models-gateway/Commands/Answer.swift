import CModelsClient

/// The bytes of a message that the client library has handed out.
func bytes(of message: UnsafeMutablePointer<ProtobufCMessage>) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: protobuf_c_message_get_packed_size(message)) { buffer, count in
        count = protobuf_c_message_pack(message, buffer.baseAddress)
    }
}

extension CallFailure {
    /// What the client library says, which stays its own.
    init(_ error: OpaquePointer?) {
        // All that the gateway and the library give.
        let keys = ["operation", "http_status", "request_sent", "hint"]
        let metadata: [(key: String, value: String)] = keys.compactMap { key in
            models_error_metadata(error, key).map { (key: key, value: String(cString: $0)) }
        }
        self.init(
            code: String(cString: models_code_name(models_error_code(error))),
            reason: String(cString: models_error_reason(error)),
            message: String(cString: models_error_message(error)),
            metadata: metadata
        )
    }
}
