extension UnsafeRawBufferPointer {
    /// The bytes are UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
    public var isUTF8: Bool {
        guard let start = baseAddress else { return true }
        var rest = start
        let end = start + count
        while true {
            rest = Self.skipASCII(from: rest, to: end)
            if rest == end { return true }
            let length = Self.scalarLength(at: rest, before: end)
            if length == 0 { return false }
            rest += length
        }
    }

    /// Eight bytes at a time, since nearly every string on this wire is ASCII.
    private static func skipASCII(from start: UnsafeRawPointer, to end: UnsafeRawPointer) -> UnsafeRawPointer {
        var rest = start
        while end - rest >= 8, rest.loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
            rest += 8
        }
        while rest < end, rest.load(as: UInt8.self) < 0x80 {
            rest += 1
        }
        return rest
    }

    /// How many bytes the character at `index`, which is not ASCII, has; 0 if it is none.
    public func multibyteCharacterLength(at index: Int) -> Int {
        guard let start = baseAddress else { return 0 }
        return Self.scalarLength(at: start + index, before: start + count)
    }

    /// How many bytes the multi-byte sequence at `start` has by RFC 3629, section 4, or 0 if it is none.
    private static func scalarLength(at start: UnsafeRawPointer, before end: UnsafeRawPointer) -> Int {
        let lead = start.load(as: UInt8.self)
        let second: ClosedRange<UInt8>
        let length: Int
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard end - start >= length, second.contains(start.load(fromByteOffset: 1, as: UInt8.self)) else { return 0 }
        for index in 2..<Swift.max(length, 2) where start.load(fromByteOffset: index, as: UInt8.self) & 0xC0 != 0x80 {
            return 0
        }
        return length
    }
}
