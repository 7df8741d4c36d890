internal import Bytes

extension StrictJSONParser {
    /// Whether `token` is a string, however it is spelt, that reads `name`.
    static func string(_ token: UnsafeBufferPointer<UInt8>, reads name: String) -> Bool {
        var parser = StrictJSONParser(text: token, from: 0)
        do throws(JSONTranscodingError) {
            _ = try parser.string()
        } catch {
            return false
        }
        return UnsafeBufferPointer(start: parser.strings.start + 4, count: parser.strings.count - 5)
            .elementsEqual(name.utf8)
    }

    /// Reads a string, unescaped, into `strings`. A lone surrogate becomes the three bytes that UTF-8 forbids.
    mutating func string() throws(JSONTranscodingError) -> (tag: UInt8, payload: UInt64) {
        let begin = beginToken()
        var isCarriable = true
        position += 1
        while true {
            copyPlainBytes()
            let byte = try current("the end of a string")
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                let scalar = try escape()
                if scalar == 0 || 0xd800...0xdfff ~= scalar { isCarriable = false }
                put(scalar)
            } else if byte < 0x20 {
                throw error("a control character in a string")
            } else {
                try copyMultibyteCharacter()
            }
        }
        position += 1
        return (isCarriable ? Tape.Tag.string : Tape.Tag.rawString, endToken(begin))
    }

    /// Keeps four bytes for the length.
    mutating func beginToken() -> Int {
        strings.reserve(8)
        strings.count += 4
        return strings.count
    }

    /// Writes length and NUL. Returns the token's offset.
    mutating func endToken(_ begin: Int) -> UInt64 {
        let length = UInt32(truncatingIfNeeded: strings.count - begin)
        UnsafeMutableRawPointer(strings.start + begin - 4).storeBytes(of: length, as: UInt32.self)
        strings.reserve(1)
        strings.put(0)
        return UInt64(begin - 4)
    }

    private mutating func copyPlainBytes() {
        let begin = position
        while position < text.count, 0x20..<0x80 ~= text[position],
            text[position] != UInt8(ascii: "\""), text[position] != UInt8(ascii: "\\")
        {
            position += 1
        }
        copy(text[begin..<position])
    }

    mutating func copy(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) {
        strings.reserve(bytes.count)
        for byte in bytes { strings.put(byte) }
    }

    /// One character of two to four bytes, by the table of RFC 3629, section 4: no overlong forms, no surrogates.
    private mutating func copyMultibyteCharacter() throws(JSONTranscodingError) {
        let (count, second): (Int, ClosedRange<UInt8>) =
            switch text[position] {
            case 0xc2...0xdf: (2, 0x80...0xbf)
            case 0xe0: (3, 0xa0...0xbf)
            case 0xed: (3, 0x80...0x9f)
            case 0xe1...0xef: (3, 0x80...0xbf)
            case 0xf0: (4, 0x90...0xbf)
            case 0xf1...0xf3: (4, 0x80...0xbf)
            case 0xf4: (4, 0x80...0x8f)
            default: throw error("a byte that is not UTF-8")
            }
        guard position + count <= text.count, second ~= text[position + 1],
            text[position + 2..<position + count].allSatisfy({ 0x80...0xbf ~= $0 })
        else { throw error("a character that is not UTF-8") }
        copy(text[position..<position + count])
        position += count
    }

    /// The scalar that an escape stands for, or a lone surrogate.
    private mutating func escape() throws(JSONTranscodingError) -> UInt32 {
        position += 1
        let byte = try current("an escape")
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt32(byte)
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0c
        case UInt8(ascii: "n"): return 0x0a
        case UInt8(ascii: "r"): return 0x0d
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): break
        default: throw error("an unknown escape")
        }
        guard let unit = hexadecimal(at: position) else { throw error("no four hexadecimal digits behind \\u") }
        position += 4
        guard 0xd800...0xdbff ~= unit, let low = lowSurrogate() else { return unit }
        position += 6
        return 0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00)
    }

    private func lowSurrogate() -> UInt32? {
        guard position + 6 <= text.count, text[position] == UInt8(ascii: "\\"),
            text[position + 1] == UInt8(ascii: "u"), let unit = hexadecimal(at: position + 2), 0xdc00...0xdfff ~= unit
        else { return nil }
        return unit
    }

    private func hexadecimal(at start: Int) -> UInt32? {
        guard start + 4 <= text.count else { return nil }
        var value: UInt32 = 0
        for byte in text[start..<start + 4] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46: value = value << 4 | UInt32(byte - 0x41 + 10)
            case 0x61...0x66: value = value << 4 | UInt32(byte - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }

    private mutating func put(_ scalar: UInt32) {
        strings.reserve(4)
        let continuation = { (shift: UInt32) in UInt8(0x80 | scalar >> shift & 0x3f) }
        switch scalar {
        case 0..<0x80: strings.put(UInt8(scalar))
        case 0x80..<0x800:
            strings.put(UInt8(0xc0 | scalar >> 6))
            strings.put(continuation(0))
        case 0x800..<0x10000:
            strings.put(UInt8(0xe0 | scalar >> 12))
            strings.put(continuation(6))
            strings.put(continuation(0))
        default:
            strings.put(UInt8(0xf0 | scalar >> 18))
            strings.put(continuation(12))
            strings.put(continuation(6))
            strings.put(continuation(0))
        }
    }
}
