/// One frame of HTTP/2, laid out by hand (RFC 9113, section 4.1).
struct Frame: Equatable {
    enum Kind: UInt8 {
        case data, headers, priority, reset, settings, pushPromise, ping, goaway, windowUpdate, continuation
        case priorityUpdate = 16
    }

    static let endStream: UInt8 = 1
    static let acknowledgement: UInt8 = 1
    static let endHeaders: UInt8 = 4
    static let padded: UInt8 = 8
    /// Before it are the preface's 24 bytes.
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    var kind: Kind
    var flags: UInt8 = 0
    var id: UInt32 = 0
    var payload: [UInt8] = []

    var bytes: [UInt8] {
        let length = UInt32(payload.count)
        return [UInt8(length >> 16), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), kind.rawValue, flags] + big(id)
            + payload
    }

    static func settings(_ values: [(UInt16, UInt32)] = []) -> Frame {
        Frame(kind: .settings, payload: values.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xFF)] + big($0.1) })
    }

    static func head(_ id: UInt32, _ fields: [(String, String)], end: Bool = false) -> Frame {
        Frame(kind: .headers, flags: endHeaders | (end ? endStream : 0), id: id, payload: block(fields))
    }

    static func data(_ id: UInt32, _ payload: [UInt8], end: Bool = true) -> Frame {
        Frame(kind: .data, flags: end ? endStream : 0, id: id, payload: payload)
    }

    static func reset(_ id: UInt32, _ code: UInt32) -> Frame {
        Frame(kind: .reset, id: id, payload: big(code))
    }

    static func windowUpdate(_ id: UInt32, _ increment: UInt32) -> Frame {
        Frame(kind: .windowUpdate, id: id, payload: big(increment))
    }

    /// A header block of literals that nobody remembers (RFC 7541, section 6.2.2).
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { [0] + string($0.0) + string($0.1) }
    }

    private static func string(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        guard bytes.count >= 127 else { return [UInt8(bytes.count)] + bytes }
        var length: [UInt8] = [127]
        var rest = bytes.count - 127
        while rest >= 128 {
            length.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return length + [UInt8(rest)] + bytes
    }

    private func big(_ value: UInt32) -> [UInt8] { Self.big(value) }

    static func big(_ value: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    /// The frames that bytes are, which must be whole.
    static func parse(_ bytes: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var start = 0
        while start + 9 <= bytes.count {
            let length = Int(bytes[start]) << 16 | Int(bytes[start + 1]) << 8 | Int(bytes[start + 2])
            guard let kind = Kind(rawValue: bytes[start + 3]) else { preconditionFailure("no such frame") }
            let id = bytes[start + 5..<start + 9].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            let payload = Array(bytes[start + 9..<start + 9 + length])
            frames.append(Frame(kind: kind, flags: bytes[start + 4], id: id, payload: payload))
            start += 9 + length
        }
        precondition(start == bytes.count, "a frame is cut off")
        return frames
    }
}
