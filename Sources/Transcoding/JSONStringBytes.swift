internal import Bytes

/// The bytes that a JSON string stands for, in UTF-8, read from its text, which must be well formed.
///
/// A lone surrogate, which UTF-8 has no bytes for, comes as the three bytes that its number would have: equal strings
/// then have equal bytes and others have not.
struct JSONStringBytes: IteratorProtocol {
    private var text: UnsafePointer<UInt8>
    /// The rest of an unescaped character, the next byte lowest.
    private var pending: UInt32 = 0
    private var pendingCount = 0

    /// - Parameter text: the byte behind the opening quote.
    init(_ text: UnsafePointer<UInt8>) {
        self.text = text
    }

    mutating func next() -> UInt8? {
        if pendingCount > 0 { return nextPending() }
        switch text.pointee {
        case UInt8(ascii: "\""):
            return nil
        case UInt8(ascii: "\\"):
            text += 1
            return nextEscaped()
        default:
            defer { text += 1 }
            return text.pointee
        }
    }

    private mutating func nextEscaped() -> UInt8 {
        defer { text += 1 }
        switch text.pointee {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "u"):
            encode(readCodePoint())
            return nextPending()
        default: return text.pointee
        }
    }

    /// From the `u` of an escape to its last digit, or to the last digit of the escape that makes it a pair.
    private mutating func readCodePoint() -> UInt32 {
        let first = codeUnit(at: text + 1)
        text += 4
        guard 0xD800..<0xDC00 ~= first, text[1] == UInt8(ascii: "\\"), text[2] == UInt8(ascii: "u") else {
            return first
        }
        let second = codeUnit(at: text + 3)
        guard 0xDC00..<0xE000 ~= second else { return first }
        text += 6
        return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
    }

    private func codeUnit(at digits: UnsafePointer<UInt8>) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | UInt32(digits[$1].hexadecimalDigit ?? 0) }
    }

    private mutating func encode(_ codePoint: UInt32) {
        func tail(_ shift: UInt32) -> UInt32 { 0x80 | codePoint >> shift & 0x3F }
        switch codePoint {
        case 0..<0x80:
            (pending, pendingCount) = (codePoint, 1)
        case 0x80..<0x800:
            (pending, pendingCount) = (0xC0 | codePoint >> 6 | tail(0) << 8, 2)
        case 0x800..<0x10000:
            (pending, pendingCount) = (0xE0 | codePoint >> 12 | tail(6) << 8 | tail(0) << 16, 3)
        default:
            let bytes = 0xF0 | codePoint >> 18 | tail(12) << 8
            (pending, pendingCount) = (bytes | tail(6) << 16 | tail(0) << 24, 4)
        }
    }

    private mutating func nextPending() -> UInt8 {
        defer {
            pending >>= 8
            pendingCount -= 1
        }
        return UInt8(truncatingIfNeeded: pending)
    }
}
