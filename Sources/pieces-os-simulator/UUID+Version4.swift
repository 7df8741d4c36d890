import Foundation

extension UUID {
    /// A version 4 UUID (RFC 9562, section 5.4) with the bits of two random numbers.
    init(version4 bits: (UInt64, UInt64)) {
        var bytes = withUnsafeBytes(of: bits, Array.init)
        bytes[6] = 0x40 | bytes[6] & 0x0F
        bytes[8] = 0x80 | bytes[8] & 0x3F
        self = bytes.withUnsafeBytes { UUID(uuid: $0.load(as: uuid_t.self)) }
    }
}
