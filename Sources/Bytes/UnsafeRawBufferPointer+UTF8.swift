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
        if end - rest >= 4, rest.loadUnaligned(as: UInt32.self) & 0x8080_8080 == 0 { rest += 4 }
        if end - rest >= 2, rest.loadUnaligned(as: UInt16.self) & 0x8080 == 0 { rest += 2 }
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
        func isTail(_ index: Int) -> Bool { start.load(fromByteOffset: index, as: UInt8.self) & 0xC0 == 0x80 }
        let room = end - start
        switch start.load(as: UInt8.self) {
        case 0xC2...0xDF:
            return room >= 2 && isTail(1) ? 2 : 0
        case let lead where lead & 0xF0 == 0xE0:
            guard room >= 3, isTail(1), isTail(2) else { return 0 }
            let second = start.load(fromByteOffset: 1, as: UInt8.self)
            return lead == 0xE0 && second < 0xA0 || lead == 0xED && second > 0x9F ? 0 : 3
        case let lead where 0xF0...0xF4 ~= lead:
            guard room >= 4, isTail(1), isTail(2), isTail(3) else { return 0 }
            let second = start.load(fromByteOffset: 1, as: UInt8.self)
            return lead == 0xF0 && second < 0x90 || lead == 0xF4 && second > 0x8F ? 0 : 4
        default: return 0
        }
    }
}
