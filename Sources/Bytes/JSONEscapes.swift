/// How text stands between the quotes of a JSON string (RFC 8259, section 7): bytes that mean themselves, and escapes.
public enum JSONEscapes {
    /// How a control character that has a letter is written: `\n` or `\u000a`.
    public enum Style: Sendable {
        case letters, numbers
    }

    /// What to do with each byte: `.` means itself, `u` is escaped by its number, and what is escaped by a letter has that
    /// letter. `s` begins a surrogate if the next byte is 0xA0 or above; UTF-8 has none, but a JSON string may.
    private static var table: StaticString {
        #"""
        uuuuuuuubtnufruuuuuuuuuuuuuuuuuu..".............................\#
        ............................\...................................\#
        ................................................................\#
        .............................................s..................
        """#
    }

    /// How many bytes stand for `text`.
    public static func length(of text: UnsafeRawBufferPointer, _ style: Style) -> Int {
        let entries = entries(style)
        var length = text.count
        var index = 0
        while let word = word(in: text, index) {
            if hasED(word) {
                for offset in index..<index &+ 8 where beginsSurrogate(text, offset) { length &+= 3 }
            }
            if !isPlain(word) { length &+= entries.length(of: word) &- 8 }
            index &+= 8
        }
        while index < text.count {
            length &+= beginsSurrogate(text, index) ? 3 : entries.length(of: text[index]) &- 1
            index &+= 1
        }
        return length
    }

    /// Writes what stands for `text` where there is room for it.
    public static func write(_ text: UnsafeRawBufferPointer, _ style: Style, at start: UnsafeMutableRawPointer) {
        let entries = entries(style)
        var position = start
        var index = 0
        while let word = word(in: text, index) {
            if hasED(word) {
                let end = index &+ 8
                while index < end { writeCharacter(text, style, &index, &position) }
                continue
            }
            if isPlain(word) {
                position.storeBytes(of: word, as: UInt64.self)
                position += 8
            } else if text.count &- index >= 16 {
                // Each stores eight bytes, and behind the last of them eight more are to come at least.
                entries.write(word, &position)
            } else {
                break
            }
            index &+= 8
        }
        while index < text.count { writeCharacter(text, style, &index, &position) }
    }

    private static let letters = EscapeEntries { entry(of: $0, .letters) }
    private static let numbers = EscapeEntries { entry(of: $0, .numbers) }

    private static func entries(_ style: Style) -> EscapeEntries {
        switch style {
        case .letters: letters
        case .numbers: numbers
        }
    }

    private static func entry(of byte: UInt8, _ style: Style) -> UInt64 {
        withUnsafeBytes(of: byte) { text in
            var entry: UInt64 = 0
            let length = withUnsafeMutableBytes(of: &entry) { bytes in
                guard let start = bytes.baseAddress else { return 0 }
                var (index, position) = (0, start)
                writeCharacter(text, style, &index, &position)
                return position - start
            }
            return entry.littleEndian | UInt64(length) &<< 56
        }
    }

    @inline(__always)
    private static func writeCharacter(
        _ text: UnsafeRawBufferPointer,
        _ style: Style,
        _ index: inout Int,
        _ position: inout UnsafeMutableRawPointer
    ) {
        let byte = text[index]
        let letter = table.utf8Start[Int(byte)]
        if letter == UInt8(ascii: "u") || byte < 0x20 && style == .numbers {
            writeNumber(UInt16(byte), &position)
        } else if letter == UInt8(ascii: "s") && beginsSurrogate(text, index) {
            writeNumber(0xD000 | UInt16(text[index + 1] & 0x3F) << 6 | UInt16(text[index + 2] & 0x3F), &position)
            index &+= 2
        } else if letter == UInt8(ascii: ".") || letter == UInt8(ascii: "s") {
            position.storeBytes(of: byte, as: UInt8.self)
            position += 1
        } else {
            position.storeBytes(of: UInt16(letter) << 8 | UInt16(UInt8(ascii: "\\")), as: UInt16.self)
            position += 2
        }
        index &+= 1
    }

    /// The next eight bytes, if there are as many.
    @inline(__always)
    private static func word(in text: UnsafeRawBufferPointer, _ index: Int) -> UInt64? {
        guard let start = text.baseAddress, text.count &- index >= 8 else { return nil }
        return start.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    }

    /// All of its bytes mean themselves; 0xED is not looked for.
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let special =
            word.bytes(below: 0x20) | word.bytes(equalTo: UInt8(ascii: "\"")) | word.bytes(equalTo: UInt8(ascii: "\\"))
        return special == 0
    }

    /// A surrogate may begin in it.
    @inline(__always)
    private static func hasED(_ word: UInt64) -> Bool { word.bytes(equalTo: 0xED) != 0 }

    private static func beginsSurrogate(_ text: UnsafeRawBufferPointer, _ index: Int) -> Bool {
        text[index] == 0xED && text.count - index >= 3 && text[index + 1] >= 0xA0
    }

    @inline(__always)
    private static func writeNumber(_ unit: UInt16, _ position: inout UnsafeMutableRawPointer) {
        let digits: StaticString = "0123456789abcdef"
        func digit(_ shift: UInt16) -> UInt32 { UInt32(digits.utf8Start[Int(unit &>> shift & 0xF)]) }
        let front: UInt16 = UInt16(UInt8(ascii: "u")) << 8 | UInt16(UInt8(ascii: "\\"))
        let back = digit(12) | digit(8) &<< 8 | digit(4) &<< 16 | digit(0) &<< 24
        position.storeBytes(of: front, as: UInt16.self)
        (position + 2).storeBytes(of: back, as: UInt32.self)
        position += 6
    }
}

extension [UInt8] {
    /// Appends text, which is UTF-8, as a JSON string.
    public mutating func append(jsonString text: UnsafeRawBufferPointer) {
        let length = JSONEscapes.length(of: text, .letters) + 2
        append(addingCapacity: length) { span in
            span.withUnsafeMutableBufferPointer { bytes, count in
                guard let start = bytes.baseAddress else { return }
                start[0] = UInt8(ascii: "\"")
                JSONEscapes.write(text, .letters, at: start + 1)
                start[length - 1] = UInt8(ascii: "\"")
                count = length
            }
        }
    }
}

extension GrowingBuffer<UInt8> {
    /// Appends what stands for `text` between quotes.
    public mutating func append(escaping text: UnsafeRawBufferPointer, _ style: JSONEscapes.Style) {
        let length = JSONEscapes.length(of: text, style)
        reserve(length)
        JSONEscapes.write(text, style, at: start + count)
        count += length
    }
}
