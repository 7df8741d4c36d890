extension UInt8 {
    @inlinable
    public var isDecimalDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

    @inlinable
    public var decimalDigit: UInt8? { isDecimalDigit ? self & 0xF : nil }

    @inlinable
    public var hexadecimalDigit: UInt8? {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: decimalDigit
        }
    }

    /// The hexadecimal digit of the lowest four bits of `value`.
    public init(hexadecimalDigitOf value: some BinaryInteger, isUppercase: Bool = false) {
        let digits: StaticString = isUppercase ? "0123456789ABCDEF" : "0123456789abcdef"
        self = digits.utf8Start[Int(truncatingIfNeeded: value & 0xF)]
    }
}
