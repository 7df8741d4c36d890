extension UInt8 {
    @inlinable
    package var isDecimalDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

    @inlinable
    package var decimalDigit: UInt8? { isDecimalDigit ? self & 0xF : nil }

    @inlinable
    package var hexadecimalDigit: UInt8? {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: decimalDigit
        }
    }

    /// The hexadecimal digit of the lowest four bits of `value`.
    package init(hexadecimalDigitOf value: some BinaryInteger, isUppercase: Bool = false) {
        let digits: StaticString = isUppercase ? "0123456789ABCDEF" : "0123456789abcdef"
        self = digits.utf8Start[Int(truncatingIfNeeded: value & 0xF)]
    }
}
