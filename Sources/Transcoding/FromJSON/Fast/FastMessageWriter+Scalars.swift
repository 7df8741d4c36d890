internal import Bytes

/// One function for each kind of scalar. Each returns the token behind the value, or nil if the field cannot carry it exactly;
/// then nothing was written.
extension FastMessageWriter {
    /// For a field that is neither a message nor a list.
    @inline(__always)
    mutating func writeScalar(
        _ text: IndexedText,
        _ field: UnsafePointer<MessageTable.Field>,
        _ value: Int
    ) throws(IndexedText.Doubt) -> Int? {
        let tag = field.pointee.tag
        switch field.pointee.kind {
        case .bool: return try writeBool(text, tag, value)
        case .int64: return try writeInt64(text, tag, value)
        case .double: return try writeDouble(text, tag, value)
        case .string: return try writeString(text, tag, value)
        case .timestamp: return try writeTimestamp(text, tag, value)
        case .enumeration(let numbers): return try writeEnumeration(text, tag, numbers, value)
        case .message, .list: preconditionFailure("neither a message nor a list is a scalar")
        }
    }

    @inline(__always)
    private mutating func writeBool(_ text: IndexedText, _ tag: PackedTag, _ value: Int) throws(IndexedText.Doubt)
        -> Int?
    {
        guard let bool = try text.bool(at: value) else { return nil }
        output.append(tag, bool: bool)
        return value &+ 1
    }

    @inline(__always)
    private mutating func writeInt64(_ text: IndexedText, _ tag: PackedTag, _ value: Int) throws(IndexedText.Doubt)
        -> Int?
    {
        if let digit = text.digit(at: value) {
            output.append(tag, varint: UInt64(digit))
            return value &+ 1
        }
        guard text.isNumber(value), let integer = try JSONNumber(text, at: value).int64 else { return nil }
        output.append(tag, varint: UInt64(bitPattern: integer))
        return value &+ 1
    }

    @inline(__always)
    private mutating func writeDouble(_ text: IndexedText, _ tag: PackedTag, _ value: Int) throws(IndexedText.Doubt)
        -> Int?
    {
        guard text.isNumber(value), let double = try JSONNumber(text, at: value).double else { return nil }
        output.append(tag, double: double)
        return value &+ 1
    }

    @inline(__always)
    private mutating func writeString(_ text: IndexedText, _ tag: PackedTag, _ value: Int) throws(IndexedText.Doubt)
        -> Int?
    {
        guard text.is(value, "\"") else { return nil }
        let string = text.string(at: value)
        let begin = output.count
        if !output.append(tag, unescaped: string) {
            output.count = begin
            try writeEscapedString(string, tag)
        }
        return value &+ 1
    }

    @inline(never)
    private mutating func writeEscapedString(
        _ string: UnsafeBufferPointer<UInt8>,
        _ tag: PackedTag
    ) throws(IndexedText.Doubt) {
        let begin = output.beginLength(tag)
        try output.append(unescaping: string)
        output.endLength(begin)
    }

    @inline(__always)
    private mutating func writeEnumeration(
        _ text: IndexedText,
        _ tag: PackedTag,
        _ numbers: UnsafePointer<NameTable>,
        _ value: Int
    ) throws(IndexedText.Doubt) -> Int? {
        guard text.is(value, "\"") else { return nil }
        guard let number = numbers.pointee.number(of: try characters(of: text.string(at: value))) else { return nil }
        output.append(tag, varint: UInt64(truncatingIfNeeded: number))
        return value &+ 1
    }

    @inline(never)
    private mutating func writeTimestamp(
        _ text: IndexedText,
        _ tag: PackedTag,
        _ value: Int
    ) throws(IndexedText.Doubt) -> Int? {
        guard text.is(value, "\"") else { return nil }
        guard let time = Timestamp(rfc3339: try characters(of: text.string(at: value))) else { return nil }
        output.append(tag, time: time)
        return value &+ 1
    }
}

extension FastMessageWriter {
    /// What stands between the quotes of a string without its escapes, until the next call.
    @inline(__always)
    mutating func characters(
        of string: UnsafeBufferPointer<UInt8>
    ) throws(IndexedText.Doubt) -> UnsafeBufferPointer<UInt8> {
        guard string.hasBackslash else { return string }
        unescaped.count = 0
        try unescaped.append(unescaping: string)
        return UnsafeBufferPointer(start: unescaped.start, count: unescaped.count)
    }
}

extension IndexedText {
    /// The value of a number that is one digit with a token right behind it, as most are.
    @inline(__always)
    func digit(at token: Int) -> UInt8? {
        let digit = byte(token) &- UInt8(ascii: "0")
        return digit <= 9 && tokens[token &+ 1] == tokens[token] &+ 1 ? digit : nil
    }

    @inline(__always)
    func isNumber(_ token: Int) -> Bool { JSONNumber.begins(at: place(of: token)) }
}

extension GrowingBuffer<UInt8> {
    /// Appends a field, and tells whether its string means itself: no backslash is in it. May read up to 15 bytes behind it.
    @inline(__always)
    fileprivate mutating func append(_ tag: PackedTag, unescaped string: UnsafeBufferPointer<UInt8>) -> Bool {
        guard string.count < 0x80, let source = UnsafeRawPointer(string.baseAddress) else {
            append(tag, string: string)
            return !string.hasBackslash
        }
        reserve(16 + 0x80 + 16)
        var cursor = ProtobufCursor(start + count)
        cursor.put(tag)
        cursor.put(UInt8(truncatingIfNeeded: string.count))
        let target = UnsafeMutableRawPointer(cursor.position)
        var backslashes = SIMD2<UInt64>.zero
        var offset = 0
        repeat {
            let piece = source.loadUnaligned(fromByteOffset: offset, as: SIMD2<UInt64>.self)
            target.storeBytes(of: piece, toByteOffset: offset, as: SIMD2<UInt64>.self)
            // See UInt64.bytes(equalTo:).
            let difference = piece ^ SIMD2(repeating: UInt64(eightTimes: UInt8(ascii: "\\")))
            backslashes |= (difference &- SIMD2(repeating: UInt64(eightTimes: 1))) & ~difference
            offset &+= 16
        } while offset < string.count
        count = cursor.position - start &+ string.count
        // What lies behind the string does not count.
        return (backslashes[0] | backslashes[1]) & UInt64(eightTimes: 0x80) == 0 || !string.hasBackslash
    }

    /// Appends what the text between the quotes of a string stands for. Lone surrogates and U+0000, which protobuf cannot
    /// carry, are a case for the strict parser, like what is no escape.
    mutating func append(unescaping text: UnsafeBufferPointer<UInt8>) throws(IndexedText.Doubt) {
        guard let start = text.baseAddress else { return }
        // No escape is shorter than what it stands for.
        reserve(text.count &+ 16)
        var position = start
        let end = start + text.count
        while position < end {
            if position.pointee == UInt8(ascii: "\\") {
                try unescape(&position)
            } else {
                put(position.pointee)
                position += 1
            }
        }
    }

    /// A quote stands behind the text, so that no escape seems to be longer than it is.
    private mutating func unescape(_ position: inout UnsafePointer<UInt8>) throws(IndexedText.Doubt) {
        let letter = position[1]
        if letter == UInt8(ascii: "u") {
            var bytes = try Self.codePoint(&position)
            while let byte = bytes.next() { put(byte) }
            return
        }
        position += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): put(letter)
        case UInt8(ascii: "b"): put(0x08)
        case UInt8(ascii: "t"): put(0x09)
        case UInt8(ascii: "n"): put(0x0A)
        case UInt8(ascii: "f"): put(0x0C)
        case UInt8(ascii: "r"): put(0x0D)
        default: throw IndexedText.Doubt()
        }
    }

    private static func codePoint(
        _ position: inout UnsafePointer<UInt8>
    ) throws(IndexedText.Doubt) -> Unicode.UTF8.EncodedScalar.Iterator {
        var value = try codeUnit(position + 2)
        position += 6
        if 0xD800..<0xDC00 ~= value && position[0] == UInt8(ascii: "\\") && position[1] == UInt8(ascii: "u") {
            let low = try codeUnit(position + 2)
            guard 0xDC00..<0xE000 ~= low else { throw IndexedText.Doubt() }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
            position += 6
        }
        guard value != 0, let scalar = Unicode.Scalar(value), let encoded = Unicode.UTF8.encode(scalar) else {
            throw IndexedText.Doubt()
        }
        return encoded.makeIterator()
    }

    private static func codeUnit(_ digits: UnsafePointer<UInt8>) throws(IndexedText.Doubt) -> UInt32 {
        var value: UInt32 = 0
        for index in 0..<4 {
            guard let digit = digits[index].hexadecimalDigit else { throw IndexedText.Doubt() }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
