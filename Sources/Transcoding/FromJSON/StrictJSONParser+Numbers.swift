internal import Bytes
internal import Glibc

extension StrictJSONParser {
    /// Reads a number by the grammar of RFC 8259, section 6.
    mutating func number() throws(JSONTranscodingError) {
        let begin = position
        if text[position] == UInt8(ascii: "-") { position += 1 }
        let integer = position
        try digits()
        if text[integer] == UInt8(ascii: "0") && position - integer > 1 { throw error("a number with a leading zero") }
        var isInteger = true
        if position < text.count, text[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        let mantissa = text[integer..<position]
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            position += 1
            let sign = try current("an exponent")
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        if isInteger {
            appendInteger(text[begin..<position])
        } else {
            appendDecimal(text[begin..<position], isZero: mantissa.allSatisfy { $0 == 0x30 || $0 == UInt8(ascii: ".") })
        }
    }

    private mutating func digits() throws(JSONTranscodingError) {
        let begin = position
        while position < text.count, 0x30...0x39 ~= text[position] { position += 1 }
        if position == begin { throw error(position == text.count ? "ends where a digit is due" : "no value") }
    }

    private mutating func appendInteger(_ token: Slice<UnsafeBufferPointer<UInt8>>) {
        let isNegative = token.first == UInt8(ascii: "-")
        var magnitude: UInt64 = 0
        for byte in isNegative ? token.dropFirst() : token {
            let (product, isTooLong) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = product.addingReportingOverflow(UInt64(byte - 0x30))
            if isTooLong || isTooLarge { return appendRaw(token) }
            magnitude = sum
        }
        if isNegative {
            guard magnitude <= Int64.min.magnitude else { return appendRaw(token) }
            append(Tape.Tag.int64)
            append(word: 0 &- magnitude)
        } else {
            append(magnitude <= Int64.max.magnitude ? Tape.Tag.int64 : Tape.Tag.uint64)
            append(word: magnitude)
        }
    }

    private mutating func appendDecimal(_ token: Slice<UnsafeBufferPointer<UInt8>>, isZero: Bool) {
        let begin = beginToken()
        copy(token)
        let payload = endToken(begin)
        let double = (strings.start + begin).withMemoryRebound(to: CChar.self, capacity: token.count + 1) {
            strtod($0, nil)
        }
        if double.isFinite && (double != 0 || isZero) {
            // The token is of no more use.
            strings.count = begin - 4
            append(Tape.Tag.double)
            append(word: double.bitPattern)
        } else {
            append(Tape.Tag.rawNumber, payload)
        }
    }

    private mutating func appendRaw(_ token: Slice<UnsafeBufferPointer<UInt8>>) {
        let begin = beginToken()
        copy(token)
        append(Tape.Tag.rawNumber, endToken(begin))
    }
}
