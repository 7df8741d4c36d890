extension [UInt8] {
    /// Appends bytes as base64 (RFC 4648, section 4) without padding.
    package mutating func append(base64 bytes: [UInt8]) {
        reserveCapacity(count + (bytes.count * 4 + 2) / 3)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<Swift.min(start + 3, bytes.count)]
            let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for place in 0...group.count {
                append(Self.base64Digit(bits >> (18 - 6 * UInt32(place)) & 0x3F))
            }
        }
    }

    private static func base64Digit(_ value: UInt32) -> UInt8 {
        let digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return digits.utf8Start[Int(value)]
    }
}
