extension [UInt8] {
    public mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends bytes so that they mean themselves anywhere in a URI (RFC 3986, sections 2.1 and 2.3).
    public mutating func append(percentEncoding bytes: some Sequence<UInt8>) {
        for byte in bytes {
            if byte.isUnreserved {
                append(byte)
            } else {
                append(UInt8(ascii: "%"))
                append(UInt8(hexadecimalDigitOf: byte >> 4, isUppercase: true))
                append(UInt8(hexadecimalDigitOf: byte, isUppercase: true))
            }
        }
    }
}

extension UInt8 {
    /// A character that means itself everywhere in a URI (RFC 3986, section 2.3).
    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
        default: isDecimalDigit
        }
    }
}
