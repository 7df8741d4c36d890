/// JSON text is written to the end of an array of bytes.
extension [UInt8] {
    /// Writes a member's name, with the comma before it if there is a member before it.
    mutating func appendJSONMemberName(_ name: [UInt8]) {
        if last != UInt8(ascii: "{") { append(UInt8(ascii: ",")) }
        append(UInt8(ascii: "\""))
        append(contentsOf: name)
        append(UInt8(ascii: "\""))
        append(UInt8(ascii: ":"))
    }

    /// Writes a C string that is UTF-8.
    mutating func appendJSONString(_ text: UnsafePointer<UInt8>) {
        append(UInt8(ascii: "\""))
        // What needs no escape is copied in runs.
        var run = text
        while true {
            var end = run
            while end.pointee >= 0x20 && end.pointee != UInt8(ascii: "\"") && end.pointee != UInt8(ascii: "\\") {
                end += 1
            }
            append(contentsOf: UnsafeBufferPointer(start: run, count: end - run))
            if end.pointee == 0 { break }
            appendEscape(end.pointee)
            run = end + 1
        }
        append(UInt8(ascii: "\""))
    }

    /// Writes the shortest decimal that reads as the same double; whole numbers that are exact have no fraction.
    mutating func appendJSONNumber(_ value: Double) throws(RequestError) {
        guard value.isFinite else { throw .invalid("is \(value), which JSON cannot say") }
        let isNegativeZero = value == 0 && value.sign == .minus
        if let integer = Int64(exactly: value), integer.magnitude < 1 << 53, !isNegativeZero {
            append(contentsOf: String(integer).utf8)
        } else {
            append(contentsOf: String(value).utf8)
        }
    }

    private mutating func appendEscape(_ byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0x00..<0x20:
            append(contentsOf: "u00".utf8)
            append(contentsOf: (byte < 0x10 ? "0" : "").utf8)
            append(contentsOf: String(byte, radix: 16).utf8)
        default: append(byte)
        }
    }
}
