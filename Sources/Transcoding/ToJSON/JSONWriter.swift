internal import Bytes
internal import Glibc

/// JSON text is written to the end of a buffer.
extension GrowingBuffer<UInt8> {
    /// Writes a member's name, with the comma before it if there is a member before it.
    mutating func appendJSONMemberName(_ name: [UInt8]) {
        separateJSONMember()
        append(UInt8(ascii: "\""))
        append(name)
        append(UInt8(ascii: "\""))
        append(UInt8(ascii: ":"))
    }

    /// Writes the comma before a member, if there is a member before it.
    mutating func separateJSONMember() {
        if last != UInt8(ascii: "{") { append(UInt8(ascii: ",")) }
    }

    /// Writes a C string that is UTF-8.
    mutating func appendJSONString(_ text: UnsafePointer<UInt8>) {
        append(UInt8(ascii: "\""))
        append(escaping: UnsafeRawBufferPointer(start: text, count: strlen(text)), .letters)
        append(UInt8(ascii: "\""))
    }

    /// Writes the shortest decimal that reads as the same double; whole numbers that are exact have no fraction.
    mutating func appendJSONNumber(_ value: Double) throws(RequestError) {
        guard value.isFinite else { throw .invalid("is \(value), which JSON cannot say") }
        let isNegativeZero = value == 0 && value.sign == .minus
        if let integer = Int64(exactly: value), integer.magnitude < 1 << 53, !isNegativeZero {
            append(text: String(integer))
        } else {
            append(text: String(value))
        }
    }
}
