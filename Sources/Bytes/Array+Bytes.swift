extension [UInt8] {
    public mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends so many bytes, which are written one piece after the other: room is made once.
    @inlinable
    @inline(__always)
    public mutating func append(count: Int, _ write: (inout UnsafeMutableRawPointer) -> Void) {
        append(addingCapacity: count) { span in
            span.withUnsafeMutableBufferPointer { room, initialized in
                guard let start = room.baseAddress else { return }
                var place = UnsafeMutableRawPointer(start)
                write(&place)
                initialized = count
            }
        }
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

extension UnsafeMutableRawPointer {
    /// Writes bytes, and points behind them.
    @inlinable
    @inline(__always)
    public mutating func put(_ bytes: UnsafeRawBufferPointer) {
        if let source = bytes.baseAddress { copyMemory(from: source, byteCount: bytes.count) }
        self += bytes.count
    }

    @inlinable
    @inline(__always)
    public mutating func put(_ text: StaticString) {
        put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inlinable
    @inline(__always)
    public mutating func put(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { put($0) }
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
