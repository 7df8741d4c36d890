extension UInt8 {
    var isHTTPWhitespace: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }

    /// A character that names are made of (RFC 9110, section 5.6.2).
    var isHTTPTokenCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "|"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    var isDecimalDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

    var decimalDigit: UInt8? { isDecimalDigit ? self & 0xF : nil }

    var hexadecimalDigit: UInt8? {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: decimalDigit
        }
    }
}

extension UInt64 {
    /// The number with one more digit; nil if there may be no room for it.
    func appending(_ digit: UInt8, radix: UInt64) -> UInt64? {
        self < UInt64.max / radix ? self * radix + UInt64(digit) : nil
    }
}
