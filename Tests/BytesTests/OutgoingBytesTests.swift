import Testing

@testable import Bytes

struct OutgoingBytesTests {
    private let pool = OutgoingPool()

    private func shared(_ byte: UInt8, _ count: Int) -> SharedBytes {
        [UInt8](repeating: byte, count: count).withUnsafeBytes { SharedBytes(copying: $0) }
    }

    @Test func `pieces go out among the own bytes in the order in which they came`() {
        var outgoing = OutgoingBytes(pool: pool)
        let (first, second) = (shared(1, 5_000), shared(2, 6_000))
        outgoing.append(first.bytes, of: first)
        outgoing.own += [7, 8]
        outgoing.append(second.bytes, of: second)
        outgoing.append(first.bytes, of: first)
        outgoing.own += [9]
        let (joined, count, pieces) = (outgoing.joined, outgoing.count, outgoing.pieces.map(\.bytes.baseAddress))
        let ones = [UInt8](repeating: 1, count: 5_000)
        #expect(joined == ones + [7, 8] + [UInt8](repeating: 2, count: 6_000) + ones + [9])
        #expect(count == joined.count)
        #expect(pieces == [first, second, first].map(\.bytes.baseAddress))
    }

    @Test(arguments: [(4_095, 0), (4_096, 1)])
    func `what is small is copied`(size: Int, pieces: Int) {
        var outgoing = OutgoingBytes(pool: pool)
        let owner = shared(1, size)
        outgoing.append(owner.bytes, of: owner)
        outgoing.append(owner.bytes, of: nil)
        let (own, count) = (outgoing.own.count, outgoing.pieces.count)
        #expect(own == (2 - pieces) * size)
        #expect(count == pieces)
    }

    @Test func `what a buffer holds is shared without being copied, and goes with the last who holds it`() {
        var buffer = ByteBuffer(capacity: 10_000)
        buffer.append("abc")
        let start = UnsafeRawPointer(buffer.start)
        let owner = SharedBytes(taking: buffer)
        #expect(owner.bytes.baseAddress == start)
        #expect(owner.bytes.elementsEqual("abc".utf8))
    }

    @Test func `nothing is kept of a piece that has gone`() {
        var outgoing = OutgoingBytes(pool: pool)
        weak var watched: SharedBytes?
        do {
            let owner = shared(1, 5_000)
            watched = owner
            outgoing.append(owner.bytes, of: owner)
        }
        #expect(watched != nil)
        outgoing.removeAll()
        #expect(watched == nil)
    }

    @Test func `what is taken is no longer where it was, and memory goes back to the pool`() {
        var one = OutgoingBytes(pool: pool)
        one.own += [UInt8](repeating: 1, count: 1_000)
        var other = OutgoingBytes(taking: &one)
        let (isEmpty, count) = (one.isEmpty, other.count)
        #expect(isEmpty)
        #expect(count == 1_000)
        #expect(pool.keptByteCount == 0)
        other.removeAll()
        let kept = pool.keptByteCount
        #expect(kept >= 1_000)
        one.own += [1]
        #expect(pool.keptByteCount == 0)
        one.removeAll()
        #expect(pool.keptByteCount == kept)
    }

    @Test func `no memory is kept of more than 256 KiB, and no more than 1 MiB of all`() {
        func give(_ count: Int, times: Int) {
            var all = (0..<times).map { _ in OutgoingMemory() }
            for index in all.indices { all[index].bytes.reserveCapacity(count) }
            for index in all.indices { pool.giveBack(&all[index]) }
            #expect(all.allSatisfy { $0.bytes.capacity == 0 })
        }
        give(300_000, times: 1)
        #expect(pool.keptByteCount == 0)
        give(200_000, times: 9)
        #expect(800_000...(1 << 20) ~= pool.keptByteCount)
    }
}
