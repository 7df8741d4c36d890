import Testing

@testable import Bytes

struct HeldBytesTests {
    private let held = HeldBytes()
    private let hundred = [UInt8](repeating: 7, count: 100).withUnsafeBytes { SharedBytes(copying: $0) }

    @Test func `what several wait with counts once, until the last has read it`() {
        #expect(held.hold(hundred) == 100)
        #expect(held.hold(hundred) == 50)
        #expect(held.hold(hundred) == 33)
        held.add(5)
        #expect(held.count == 105)
        held.release(hundred)
        held.release(hundred)
        #expect(held.count == 105)
        held.release(hundred)
        #expect(held.count == 5)
    }

    @Test func `everybody has a share, even of nothing`() {
        let nothing = SharedBytes(copying: UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(held.hold(nothing) == 1)
        #expect(held.count == 0)
    }

    @Test func `what is about to go is held until it has, and is nobody else's`() {
        _ = held.hold(hundred)
        _ = held.hold(hundred)
        let first = held.leave(hundred)
        held.leaves(first)
        #expect(first == 0)
        #expect(held.staying == 100)
        let second = held.leave(hundred)
        held.leaves(second)
        #expect(second == 100)
        #expect(held.staying == 0)
        #expect(held.count == 100)
        held.left(first)
        held.left(second)
        #expect(held.count == 0)
        #expect(held.leaving == 0)
    }
}
