import Testing

@testable import Bytes

struct ProtobufTagTests {
    @Test(
        arguments: [
            (1, .varint, [0x08]), (2, .lengthDelimited, [0x12]), (15, .fixed64, [0x79]), (16, .varint, [0x80, 0x01]),
            (1000, .lengthDelimited, [0xC2, 0x3E]), (536_870_911, .fixed32, [0xFD, 0xFF, 0xFF, 0xFF, 0x0F]),
        ] as [(UInt32, WireType, [UInt8])]
    )
    func `a tag is number and wire type, and packed the same bytes`(
        number: UInt32,
        wireType: WireType,
        bytes: [UInt8]
    ) throws {
        let packed = PackedTag(ProtobufTag(number, wireType))
        #expect((0..<packed.count).map { UInt8(truncatingIfNeeded: packed.bytes >> (8 * $0)) } == bytes)
        let tag = try bytes.withUnsafeBytes { bytes in
            var reader = ProtobufReader(bytes)
            return try reader.readTag()
        }
        #expect(tag.number == number)
        #expect(tag.wireType == wireType)
    }

    @Test(
        arguments: [
            (0, .fieldNumberZero), (7, .fieldNumberZero), (14, .unknownWireType), (15, .unknownWireType),
            (1 << 32, .tagTooLarge), (.max, .tagTooLarge),
        ] as [(UInt64, ProtobufProblem)]
    )
    func `what is no tag is refused`(value: UInt64, problem: ProtobufProblem) {
        #expect(throws: problem) { _ = try ProtobufTag(decoding: value) }
    }
}
