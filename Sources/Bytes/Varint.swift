/// Protobuf's integers of variable length: seven bits a byte, the lowest first; every byte but the last has its highest bit set.
public enum Varint {
    public static let maximumLength = 10

    /// How many bytes `value` takes.
    @inlinable
    public static func length(of value: UInt64) -> Int {
        (max(1, UInt64.bitWidth - value.leadingZeroBitCount) + 6) / 7
    }

    /// Writes `value` where there is room for ten bytes, and returns the place behind it.
    @inlinable
    @inline(__always)
    public static func store(_ value: UInt64, at start: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        var position = start
        var rest = value
        while rest >= 0x80 {
            position.pointee = UInt8(truncatingIfNeeded: rest) | 0x80
            position += 1
            rest &>>= 7
        }
        position.pointee = UInt8(truncatingIfNeeded: rest)
        return position + 1
    }
}
