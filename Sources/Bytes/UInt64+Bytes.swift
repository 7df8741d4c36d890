/// Eight bytes looked at together. The answers have the highest bit of a byte set where it holds. It may be set too in bytes above
/// the lowest one where it holds, because a subtraction borrows, and never in those below.
extension UInt64 {
    /// The byte eight times.
    @inlinable
    @inline(__always)
    public init(eightTimes byte: UInt8) { self = UInt64(byte) &* 0x0101_0101_0101_0101 }

    /// - Parameter limit: 0x80 at most.
    @inlinable
    @inline(__always)
    public func bytes(below limit: UInt8) -> UInt64 {
        (self &- UInt64(eightTimes: limit)) & ~self & UInt64(eightTimes: 0x80)
    }

    @inlinable
    @inline(__always)
    public func bytes(equalTo byte: UInt8) -> UInt64 {
        (self ^ UInt64(eightTimes: byte)).bytes(below: 1)
    }
}
