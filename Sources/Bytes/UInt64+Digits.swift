extension UInt64 {
    /// The number with one more digit; nil if there may be no room for it.
    @inlinable
    package func appending(_ digit: UInt8, radix: UInt64) -> UInt64? {
        self < UInt64.max / radix ? self * radix + UInt64(digit) : nil
    }
}
