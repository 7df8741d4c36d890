/// A field's number and wire type as they stand before its value, at most five bytes.
struct WireTag {
    enum WireType: UInt32 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
    }

    /// The bytes, first byte lowest, and in the highest byte how many they are: one word to load, for the walk's sake.
    private let packed: UInt64

    /// Only the lowest `count` bytes are the tag.
    @inline(__always)
    var bytes: UInt64 { packed }

    @inline(__always)
    var count: Int { Int(truncatingIfNeeded: packed &>> 56) }

    init(field: UInt32, _ type: WireType) {
        var value = UInt64(field) << 3 | UInt64(type.rawValue)
        var bytes: UInt64 = 0
        var count: UInt64 = 0
        while value >= 0x80 {
            bytes |= (value & 0x7f | 0x80) << (8 * count)
            value >>= 7
            count += 1
        }
        packed = bytes | value << (8 * count) | (count + 1) << 56
    }
}
