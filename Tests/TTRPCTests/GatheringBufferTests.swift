import Testing

@testable import TTRPC

struct GatheringBufferTests {
    @Test func `it holds what was appended, in order`() {
        var buffer = GatheringBuffer()
        var random = SplitMix64(seed: 1)
        var expected: [UInt8] = []
        while expected.count < 100_000 {
            let part = random.bytes(Int.random(in: 0...3_000, using: &random))
            part.withUnsafeBytes { buffer.append($0, limit: 200_000) }
            expected += part
        }
        #expect(Array(buffer.bytes) == expected)
    }

    @Test func `it grows by what is there, and not beyond the frame`() {
        var buffer = GatheringBuffer()
        let part = [UInt8](repeating: 7, count: 1_000)
        for round in 1...10 {
            part.withUnsafeBytes { buffer.append($0, limit: 10_000) }
            #expect(buffer.capacity >= round * 1_000)
            #expect(buffer.capacity <= min(max(2_000 * round, GatheringBuffer.keptCapacity), 10_000))
        }
        #expect(buffer.capacity == 10_000)
    }

    @Test func `from 64 KiB on it has room for the whole frame`() {
        var buffer = GatheringBuffer()
        let part = [UInt8](repeating: 7, count: 20_000)
        for _ in 1...3 { part.withUnsafeBytes { buffer.append($0, limit: 1_000_000) } }
        #expect(buffer.capacity < 2 * GatheringBuffer.smallCapacity)
        for _ in 4...5 { part.withUnsafeBytes { buffer.append($0, limit: 1_000_000) } }
        #expect(buffer.capacity == 1_000_000)
    }

    @Test func `it keeps a little between frames and gives back much`() {
        var buffer = GatheringBuffer()
        let much = [UInt8](repeating: 7, count: GatheringBuffer.keptCapacity + 1)
        much.dropLast().withUnsafeBytes { buffer.append($0, limit: much.count) }
        buffer.removeAll()
        #expect(buffer.bytes.isEmpty)
        #expect(buffer.capacity == GatheringBuffer.keptCapacity)

        much.withUnsafeBytes { buffer.append($0, limit: much.count) }
        buffer.removeAll()
        #expect(buffer.bytes.isEmpty)
        #expect(buffer.capacity == 0)
    }
}
