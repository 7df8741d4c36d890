import Testing

@testable import Bytes

struct ByteBufferTests {
    @Test func `what is appended stands one behind the other, however much it is`() {
        var buffer = ByteBuffer(capacity: 1)
        var expected: [UInt8] = []
        for length in [0, 1, 2, 3, 200, 5] {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
            bytes.withUnsafeBytes { buffer.append($0) }
            buffer.append(0xFF)
            buffer.append("ab")
            expected += bytes + [0xFF, 0x61, 0x62]
        }
        #expect(Array(buffer.bytes) == expected)
        buffer.remove(from: 1, to: expected.count - 1)
        #expect(Array(buffer.bytes) == [0xFF, 0x62])
    }

    @Test func `a buffer that is reset is empty and keeps no more memory than it may`() {
        var buffer = GrowingBuffer<UInt64>(capacity: 2)
        for value in 0..<100 as Range<UInt64> { buffer.append(value) }
        #expect((0..<100).allSatisfy { buffer[$0] == UInt64($0) })
        buffer.reset(keeping: 1000)
        #expect(buffer.count == 0)
        #expect(buffer.capacity >= 100)
        buffer.reset(keeping: 10)
        #expect(buffer.capacity == 10)
    }

    @Test(arguments: [0, 1, 127, 128, 16_383, 16_384, 3_000_000])
    func `a length stands in front of what it counts, in as few bytes as can be`(count: Int) {
        var buffer = ByteBuffer(capacity: 16)
        let begin = buffer.beginLength(PackedTag(ProtobufTag(1000, .lengthDelimited)))
        let content = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        content.withUnsafeBytes { buffer.append($0) }
        buffer.endLength(begin)
        buffer.append(0x2A)

        var writer = ProtobufWriter()
        writer.append(field: 1000, content)
        #expect(Array(buffer.bytes) == (count == 0 ? [0xC2, 0x3E, 0x00] : writer.bytes) + [0x2A])
    }

    @Test(arguments: 0..<80)
    func `a padded copy is as long as what is copied`(count: Int) {
        let source = (0..<count + 16).map { UInt8(truncatingIfNeeded: $0) }
        var buffer = ByteBuffer(capacity: 4)
        source.withUnsafeBufferPointer { source in
            buffer.write(room: count + 17) {
                $0.putPadded(UnsafeBufferPointer(rebasing: source[..<count]))
                $0.put(0xFF)
            }
        }
        #expect(Array(buffer.bytes) == source[..<count] + [0xFF])
    }

    @Test func `eight bytes are little-endian`() {
        var buffer = ByteBuffer(capacity: 1)
        buffer.write(room: 8) { $0.putFixed64(0x0807_0605_0403_0201) }
        #expect(Array(buffer.bytes) == [1, 2, 3, 4, 5, 6, 7, 8])
    }
}
