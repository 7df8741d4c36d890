/// What a gRPC client sends whose windows are 64 KiB, as they are from the start.
enum HTTP2 {
    /// With its settings behind it.
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, 0, 0, [])

    /// RFC 9113, section 4.1.
    private static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
        [0, 0, UInt8(payload.count), type, flags] + big(stream) + payload
    }

    private static func big(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// A whole call of UnloadModels.
    static func call(_ stream: UInt32) -> [UInt8] {
        let fields = [
            (":method", "POST"), (":scheme", "http"), (":path", "/pieces.models.v1.ModelsService/UnloadModels"),
            ("content-type", "application/grpc"), ("te", "trailers"),
        ]
        // Literals without indexing (RFC 7541, section 6.2.2).
        var head: [UInt8] = []
        for (name, value) in fields {
            head += [0, UInt8(name.utf8.count)]
            head += Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
        }
        return frame(1, 4, stream, head) + frame(0, 1, stream, [0, 0, 0, 0, 0])
    }

    /// The client cancels a call.
    static func reset(_ stream: UInt32) -> [UInt8] { frame(3, 0, stream, big(8)) }
}
