/// What stands in front of a field's value: `field number << 3 | wire type`, as a varint.
package struct ProtobufTag {
    package let number: UInt32
    package let wireType: WireType

    @inlinable
    package init(_ number: UInt32, _ wireType: WireType) {
        self.number = number
        self.wireType = wireType
    }

    /// The tag that a varint is.
    @inlinable
    package init(decoding value: UInt64) throws(ProtobufProblem) {
        guard let tag = UInt32(exactly: value) else { throw .tagTooLarge }
        guard tag >> 3 != 0 else { throw .fieldNumberZero }
        guard let wireType = WireType(rawValue: UInt8(tag & 7)) else { throw .unknownWireType }
        self.init(tag >> 3, wireType)
    }

    var value: UInt64 { UInt64(number) << 3 | UInt64(wireType.rawValue) }
}
