internal import Bytes

extension Status {
    /// The bytes of a `google.rpc.Status { 1 code  2 message  3 details { 1 type_url  2 value } }`.
    ///
    /// Errors are rare and small, so every level is built on its own and put into the next.
    package func encoded() -> [UInt8] {
        var any = ProtobufWriter()
        any.append(field: 1, "type.googleapis.com/google.rpc.ErrorInfo")
        any.append(field: 2, errorInfo())

        var status = ProtobufWriter()
        status.append(field: 1, varint: UInt64(code.rawValue))
        status.append(field: 2, message)
        status.append(field: 3, any.bytes)
        return status.bytes
    }

    /// The bytes of an `ErrorInfo { 1 reason  2 domain  3 metadata { 1 key  2 value } }`.
    private func errorInfo() -> [UInt8] {
        var info = ProtobufWriter()
        info.append(field: 1, reason.rawValue)
        info.append(field: 2, "models-gateway")
        if let operation {
            info.append(field: 3, Self.entry("operation", operation))
        }
        if let httpStatus {
            info.append(field: 3, Self.entry("http_status", String(httpStatus)))
        }
        if let requestSent {
            info.append(field: 3, Self.entry("request_sent", requestSent ? "true" : "false"))
        }
        if let hint {
            info.append(field: 3, Self.entry("hint", hint))
        }
        return info.bytes
    }

    private static func entry(_ key: String, _ value: String) -> [UInt8] {
        var entry = ProtobufWriter()
        entry.append(field: 1, key)
        entry.append(field: 2, value)
        return entry.bytes
    }
}
