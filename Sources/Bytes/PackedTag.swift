/// The bytes of a field's tag, at most five, ready to be written.
public struct PackedTag: Sendable, BitwiseCopyable {
    /// The bytes, first byte lowest, and in the highest byte how many they are: one word to load, for the walk's sake.
    @usableFromInline let packed: UInt64

    /// Only the lowest `count` bytes are the tag.
    @inlinable
    public var bytes: UInt64 { @inline(__always) get { packed } }

    @inlinable
    public var count: Int { @inline(__always) get { Int(truncatingIfNeeded: packed &>> 56) } }

    public init(_ tag: ProtobufTag) {
        packed = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Varint.maximumLength) { bytes in
            guard let start = bytes.baseAddress else { preconditionFailure("no room for a tag") }
            let count = Varint.store(tag.value, at: start) - start
            return (0..<count).reduce(UInt64(count) << 56) { $0 | UInt64(bytes[$1]) << (8 * UInt64($1)) }
        }
    }
}
