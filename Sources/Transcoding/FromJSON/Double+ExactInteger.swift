internal import Bytes
internal import Glibc

extension Double {
    /// The value of a JSON integer of any length, or nil if the token is not an integer or if no Double is exactly that.
    ///
    /// A NUL must follow the token.
    init?(exactInteger token: UnsafeBufferPointer<UInt8>) {
        // The largest Double has 309 digits.
        guard let start = token.baseAddress, token.count <= 310 else { return nil }
        guard token.allSatisfy({ $0.isDecimalDigit || $0 == UInt8(ascii: "-") }) else { return nil }
        let nearest = start.withMemoryRebound(to: CChar.self, capacity: token.count + 1) { strtod($0, nil) }
        let isExact = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 320) { digits in
            let length = withVaList([nearest]) { vsnprintf(digits.baseAddress, digits.count, "%.0f", $0) }
            return Int(length) == token.count && zip(digits, token).allSatisfy { UInt8(bitPattern: $0) == $1 }
        }
        guard isExact else { return nil }
        self = nearest
    }
}
