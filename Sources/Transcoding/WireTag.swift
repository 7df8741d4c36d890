/// A field's number and wire type as they stand before its value, at most five bytes.
struct WireTag {
    enum WireType: UInt32 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
    }

    /// First byte lowest.
    let bytes: UInt64
    let count: Int

    init(field: UInt32, _ type: WireType) {
        var value = UInt64(field) << 3 | UInt64(type.rawValue)
        var bytes: UInt64 = 0
        var count = 0
        while value >= 0x80 {
            bytes |= (value & 0x7f | 0x80) << (8 * UInt64(count))
            value >>= 7
            count += 1
        }
        self.bytes = bytes | value << (8 * UInt64(count))
        self.count = count + 1
    }
}
