import Bytes
import Testing

struct BytesInWordTests {
    /// Which byte of the word is the first that is marked.
    private func first(_ marks: UInt64) -> Int? { marks == 0 ? nil : marks.trailingZeroBitCount / 8 }

    @Test(arguments: UInt8.min...UInt8.max)
    func `the lowest byte that is marked is the first one of which it holds`(byte: UInt8) {
        for other in [0x00, 0x1F, 0x20, 0x21, 0x22, 0x5C, 0x7F, 0x80, 0xFF] as [UInt8] {
            for position in 0..<8 {
                let shift = UInt64(8 * position)
                let word = UInt64(eightTimes: other) & ~(0xFF << shift) | UInt64(byte) << shift
                let bytes = (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
                #expect(first(word.bytes(below: 0x20)) == bytes.firstIndex { $0 < 0x20 })
                #expect(first(word.bytes(equalTo: 0x5C)) == bytes.firstIndex(of: 0x5C))
            }
        }
    }
}
