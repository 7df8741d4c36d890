/// A frame as PROTOCOL.md of ttrpc lays it out.
struct Frame: Equatable {
    var id: UInt32
    var type: UInt8
    var flags: UInt8 = 0
    var data: [UInt8] = []

    var bytes: [UInt8] { Self.big(UInt32(data.count)) + Self.big(id) + [type, flags] + data }

    private static func big(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }

    // MARK: - From a client

    static func request(
        _ id: UInt32,
        _ method: String,
        of service: String = "pieces.models.v1.ModelsService",
        payload: [UInt8] = []
    ) -> Frame {
        let envelope = field(1, Array(service.utf8)) + field(2, Array(method.utf8))
        return Frame(id: id, type: 1, data: envelope + (payload.isEmpty ? [] : field(3, payload)))
    }

    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [number << 3 | 2] + varint(bytes.count) + bytes
    }

    private static func varint(_ value: Int) -> [UInt8] {
        value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80)] + varint(value >> 7)
    }

    // MARK: - From the server

    static func response(_ id: UInt32, _ payload: [UInt8]) -> Frame {
        Frame(id: id, type: 2, data: payload.isEmpty ? [] : field(2, payload))
    }

    static func message(_ id: UInt32, _ payload: [UInt8]) -> Frame { Frame(id: id, type: 3, data: payload) }
    static func end(_ id: UInt32) -> Frame { Frame(id: id, type: 3, flags: 5) }

    /// The whole frames in `bytes`.
    static func all(in bytes: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var rest = bytes[...]
        while rest.count >= 10 {
            let head = Array(rest.prefix(10))
            let number = { (start: Int) in head[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } }
            let count = Int(number(0))
            guard rest.count >= 10 + count else { break }
            let data = Array(rest.dropFirst(10).prefix(count))
            frames.append(Frame(id: number(4), type: head[8], flags: head[9], data: data))
            rest = rest.dropFirst(10 + count)
        }
        return frames
    }

    /// The reason of the error that a response brings, of those that the test knows.
    var reason: String? {
        guard type == 2, data.first == 0x0A else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        return [
            "BAD_REQUEST", "SHUTTING_DOWN", "LIMIT_REACHED", "CANCELLED", "UNKNOWN_METHOD", "FRAME_TOO_LARGE",
        ].first(where: text.contains)
    }
}
