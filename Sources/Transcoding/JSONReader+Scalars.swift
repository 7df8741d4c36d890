internal import Bytes

extension JSONReader {
    /// Steps over a number by the grammar of RFC 8259, section 6.
    mutating func readNumber() throws(SyntaxError) -> Token {
        if text[position] == UInt8(ascii: "-") { position += 1 }
        let integer = position
        try skipDigits()
        if text[integer] == UInt8(ascii: "0") && position - integer > 1 { throw error("a number with a leading zero") }
        var token = Token.integer
        if position < text.count, text[position] == UInt8(ascii: ".") {
            token = .decimal
            position += 1
            try skipDigits()
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            token = .decimal
            position += 1
            let sign = try current("an exponent")
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try skipDigits()
        }
        return token
    }

    private mutating func skipDigits() throws(SyntaxError) {
        let begin = position
        while position < text.count, text[position].isDecimalDigit { position += 1 }
        if position == begin { throw error(position == text.count ? "ends where a digit is due" : "no value") }
    }

    /// Steps over a string (section 7), from quote to quote.
    mutating func skipString() throws(SyntaxError) {
        hasEscapes = false
        position += 1
        while true {
            skipPlain()
            let byte = try current("the end of a string")
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try skipEscape()
            case 0x20..<0x80: position += 1
            case 0x80...: try skipMultibyteCharacters()
            default: throw error("a control character in a string")
            }
        }
    }

    /// Steps over characters that mean themselves and are ASCII, as long as there are eight bytes to look at.
    @inline(__always)
    private mutating func skipPlain() {
        guard let start = text.baseAddress else { return }
        var place = position
        while place &+ 8 <= text.count {
            let count = Self.plainCount(start + place)
            place &+= count
            if count < 8 { break }
        }
        position = place
    }

    /// How many of the next eight bytes of a string mean themselves and are ASCII.
    @inline(__always)
    static func plainCount(_ string: UnsafeRawPointer) -> Int {
        let word = string.loadUnaligned(as: UInt64.self).littleEndian
        let special = word.bytesToEscape | word & UInt64(eightTimes: 0x80)
        return special.trailingZeroBitCount &>> 3
    }

    private mutating func skipMultibyteCharacters() throws(SyntaxError) {
        repeat {
            let length = text.multibyteCharacterLength(at: position)
            guard length > 0 else { throw error("a character that is not UTF-8") }
            position += length
        } while position < text.count && text[position] >= 0x80
    }

    private mutating func skipEscape() throws(SyntaxError) {
        position += 1
        switch try current("an escape") {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 1
        case UInt8(ascii: "u"):
            position += 1
            guard position + 4 <= text.count, text[position..<position + 4].allSatisfy({ $0.hexadecimalDigit != nil })
            else { throw error("no four hexadecimal digits behind \\u") }
            position += 4
        default:
            position += 1
            throw error("an unknown escape")
        }
    }
}
