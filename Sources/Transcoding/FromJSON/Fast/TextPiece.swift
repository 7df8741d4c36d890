internal import Bytes

/// Sixteen bytes of a text, which are looked at together.
enum TextPiece {
    typealias Bytes = SIMD2<UInt64>
    static let size = 16

    /// The bytes, and how many there are in front of the first that does not mean itself in a string, or is not ASCII: a
    /// quote, a backslash, a control character, one of several bytes.
    @inline(__always)
    static func plainPrefix(at place: UnsafePointer<UInt8>) -> (bytes: Bytes, count: Int) {
        let bytes = UnsafeRawPointer(place).loadUnaligned(as: Bytes.self)
        // As in UInt64.bytes(equalTo:) and UInt64.bytes(below:): the lowest bit is right.
        let quote = bytes ^ eightTimes("\"")
        let backslash = bytes ^ eightTimes("\\")
        let quotes = (quote &- eightTimes("\u{01}")) & ~quote
        let backslashes = (backslash &- eightTimes("\u{01}")) & ~backslash
        let controls = (bytes &- eightTimes(" ")) & ~bytes
        let found = quotes | backslashes | controls | bytes
        let first = found[0].littleEndian & UInt64(eightTimes: 0x80)
        let second = found[1].littleEndian & UInt64(eightTimes: 0x80)
        if first != 0 { return (bytes, first.trailingZeroBitCount &>> 3) }
        return (bytes, second != 0 ? 8 &+ second.trailingZeroBitCount &>> 3 : size)
    }

    @inline(__always)
    private static func eightTimes(_ character: Unicode.Scalar) -> Bytes {
        Bytes(repeating: UInt64(eightTimes: UInt8(ascii: character)))
    }
}
