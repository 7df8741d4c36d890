/// What stands in front of a field's value: `field number << 3 | wire type`, as a varint.
public struct ProtobufTag: Sendable {
    public let number: UInt32
    public let wireType: WireType

    @inlinable
    public init(_ number: UInt32, _ wireType: WireType) {
        self.number = number
        self.wireType = wireType
    }

    /// The tag that a varint is.
    @inlinable
    public init(decoding value: UInt64) throws(ProtobufProblem) {
        guard let tag = UInt32(exactly: value) else { throw .tagTooLarge }
        guard tag >> 3 != 0 else { throw .fieldNumberZero }
        guard let wireType = WireType(rawValue: UInt8(tag & 7)) else { throw .unknownWireType }
        self.init(tag >> 3, wireType)
    }

    var value: UInt64 { UInt64(number) << 3 | UInt64(wireType.rawValue) }
}
