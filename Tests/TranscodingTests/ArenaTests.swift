import Glibc
import Testing

@testable import Transcoding

@Suite struct ArenaTests {
    @Test func `it hands out memory up to the budget and not a byte more`() throws {
        let arena = Arena(budget: 100)
        let first = try #require(arena.allocate(64))
        let second = try #require(arena.allocate(36))
        #expect(second == first + 64)
        #expect(!arena.isExhausted)
        #expect(arena.allocate(1) == nil)
        #expect(arena.isExhausted)
    }

    @Test func `memory is aligned for every C type`() throws {
        let arena = Arena(budget: 4096)
        for size in 1...40 {
            let memory = try #require(arena.allocate(size))
            #expect(UInt(bitPattern: memory) % 16 == 0)
        }
    }

    @Test func `after a reset the same memory is handed out again`() throws {
        let arena = Arena(budget: 1 << 20)
        let first = try #require(arena.allocate(1 << 20))
        #expect(arena.allocate(1) == nil)
        arena.reset()
        #expect(!arena.isExhausted)
        #expect(arena.usedSize == 0)
        #expect(arena.allocate(1 << 20) == first)
    }

    @Test func `what exceeds the kept size is returned to the system`() throws {
        let arena = Arena(budget: 1 << 20)
        let memory = try #require(arena.allocate(1 << 20))
        let used = UnsafeMutableRawBufferPointer(start: memory, count: 1 << 20)
        for index in used.indices { used[index] = 0xAA }
        arena.reset()
        #expect(used[Arena.keptSize - 1] == 0xAA)
        // Pages that come back from the system are zero.
        #expect(used[Arena.keptSize...].allSatisfy { $0 == 0 })
    }

    @Test func `sizes that overflow are refused`() {
        let arena = Arena(budget: 1 << 20)
        #expect(arena.allocate(.max) == nil)
        #expect(arena.allocate(-1) == nil)
        #expect(arena.allocate(.max / 2, of: UInt64.self) == nil)
    }

    @Test func `a budget of nothing gives nothing`() {
        let arena = Arena(budget: 0)
        #expect(arena.allocate(1) == nil)
        arena.reset()
    }

    @Test func `arrays have room for all their elements`() throws {
        let arena = Arena(budget: 4096)
        let array = try #require(arena.allocate(512, of: UInt64.self))
        #expect(array.count == 512)
        #expect(arena.usedSize == 4096)
    }

    @Test func `zeros are zero wherever something was written before`() throws {
        let arena = Arena(budget: 4 << 20)
        for size in [100, Arena.keptSize, 3 << 20] {
            let memory = try #require(arena.allocate(size))
            memset(memory, 0xAA, size)
            arena.reset()
            _ = arena.allocate(16)
            let zeros = try #require(arena.allocateZeros((4 << 20) / 8 - 2, of: UInt64.self))
            #expect(zeros.allSatisfy { $0 == 0 })
            arena.reset()
        }
    }

    @Test func `what an array does not need is handed out again`() throws {
        let arena = Arena(budget: 4096)
        let room = arena.allocate(atMost: 100, of: UInt64.self)
        #expect(room.count == 100)
        let array = arena.shrink(room, to: 2)
        #expect(array.baseAddress == room.baseAddress && array.count == 2)
        #expect(arena.usedSize == 16)
        #expect(arena.allocate(atMost: 1000, of: UInt64.self).count == 510)
        #expect(arena.allocate(atMost: 1, of: UInt64.self).isEmpty)
    }
}
