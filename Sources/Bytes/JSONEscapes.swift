/// How text stands between the quotes of a JSON string (RFC 8259, section 7): pieces that mean themselves, and escapes.
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

    /// Calls `body` with the pieces that, laid end to end, stand for `text`.
    public static func forEachPiece(
        of text: UnsafeRawBufferPointer,
        _ style: Style,
        _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        let table = table.utf8Start
        var begin = 0
        var index = 0
        while index < text.count {
            let letter = table[Int(text[index])]
            let isSurrogate = letter == UInt8(ascii: "s")
            guard letter != UInt8(ascii: "."), !isSurrogate || beginsSurrogate(text, index) else {
                index += 1
                continue
            }
            if begin < index { body(UnsafeRawBufferPointer(rebasing: text[begin..<index])) }
            if isSurrogate {
                let unit = 0xD000 | UInt16(text[index + 1] & 0x3F) << 6 | UInt16(text[index + 2] & 0x3F)
                withNumber(unit, body)
            } else if letter == UInt8(ascii: "u") || style == .numbers && text[index] < 0x20 {
                withNumber(UInt16(text[index]), body)
            } else {
                withUnsafeBytes(of: (UInt8(ascii: "\\"), letter), body)
            }
            index += isSurrogate ? 3 : 1
            begin = index
        }
        if begin < text.count { body(UnsafeRawBufferPointer(rebasing: text[begin...])) }
    }

    private static func beginsSurrogate(_ text: UnsafeRawBufferPointer, _ index: Int) -> Bool {
        text.count - index >= 3 && text[index + 1] >= 0xA0
    }

    private static func withNumber(_ unit: UInt16, _ body: (UnsafeRawBufferPointer) -> Void) {
        func digit(_ shift: UInt16) -> UInt8 { UInt8(hexadecimalDigitOf: unit >> shift) }
        let escape = (UInt8(ascii: "\\"), UInt8(ascii: "u"), digit(12), digit(8), digit(4), digit(0))
        withUnsafeBytes(of: escape, body)
    }
}

extension [UInt8] {
    /// Appends text, which is UTF-8, as a JSON string.
    public mutating func append(jsonString text: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        JSONEscapes.forEachPiece(of: text, .letters) { append(contentsOf: $0) }
        append(UInt8(ascii: "\""))
    }
}
