import Testing

@testable import Bytes

struct VarintTests {
    private func varint(_ value: UInt64) -> [UInt8] {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Varint.maximumLength) { room in
            guard let start = room.baseAddress else { return [] }
            return Array(room[..<(Varint.store(value, at: start) - start)])
        }
    }

    @Test(
        arguments: [
            (0, [0x00]), (1, [0x01]), (127, [0x7F]), (128, [0x80, 0x01]), (150, [0x96, 0x01]), (16_383, [0xFF, 0x7F]),
            (16_384, [0x80, 0x80, 0x01]), (4_194_304, [0x80, 0x80, 0x80, 0x02]),
            (.max, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]),
        ] as [(UInt64, [UInt8])]
    )
    func `a varint is seven bits a byte, the lowest first, in as few bytes as can be`(value: UInt64, bytes: [UInt8]) {
        #expect(varint(value) == bytes)
        #expect(Varint.length(of: value) == bytes.count)
        #expect(
            bytes.withUnsafeBytes { bytes in
                var reader = ProtobufReader(bytes)
                return (try? reader.readVarint()) == value && reader.isAtEnd
            }
        )
    }

    @Test(arguments: 0..<64 as Range<UInt64>)
    func `the length is right on both sides of every power of two`(bit: UInt64) {
        let power = UInt64(1) << bit
        for value in [power - 1, power, power | 1] {
            #expect(varint(value).count == Varint.length(of: value))
        }
    }
}
