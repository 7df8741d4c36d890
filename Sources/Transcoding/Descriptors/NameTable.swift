internal import Bytes
internal import Glibc

/// Finds a number by a name's bytes: a hash table that is made once and read without touching a reference count.
struct NameTable {
    /// A name by its first and its last eight bytes; only names over 16 bytes need a look at the rest.
    private struct Slot {
        var first: UInt64 = 0
        var last: UInt64 = 0
        var name: UnsafePointer<UInt8>?
        /// No name has the length of a slot that is free.
        var length = UInt32.max
        var number: Int32 = 0
    }

    private let slots: UnsafeMutablePointer<Slot>
    private let shift: UInt64
    private let mask: Int

    /// - Parameter memory: where the table is from now on.
    init(_ numbers: [(name: String, number: Int)], in memory: OwnedMemory) {
        var bits: UInt64 = 2
        while 1 << bits < 4 * numbers.count { bits += 1 }
        shift = 64 - bits
        mask = 1 << bits - 1
        slots = memory.array(Array(repeating: Slot(), count: 1 << bits))
        for (name, number) in numbers { insert(name, number, memory) }
    }

    private func insert(_ name: String, _ number: Int, _ memory: OwnedMemory) {
        let length = name.utf8.count
        let bytes = memory.array(Array(name.utf8) + [UInt8](repeating: 0, count: 8))
        let (first, last) = Self.ends(of: UnsafeBufferPointer(start: bytes, count: length))
        var index = slot(first, last)
        while slots[index].name != nil { index = (index + 1) & mask }
        slots[index] = Slot(
            first: first,
            last: last,
            name: UnsafePointer(bytes),
            length: UInt32(length),
            number: Int32(number)
        )
    }

    /// The number of `name`, behind which seven more bytes must be readable.
    @inline(__always)
    func number(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        let (first, last) = Self.ends(of: name)
        var index = slot(first, last)
        while true {
            let slot = slots + index
            if slot.pointee.first == first && slot.pointee.last == last && Int(slot.pointee.length) == name.count
                && (name.count <= 16 || Self.areEqual(slot.pointee.name, name))
            {
                return Int(slot.pointee.number)
            }
            if slot.pointee.name == nil { return nil }
            index = (index &+ 1) & mask
        }
    }

    @inline(never)
    private static func areEqual(_ known: UnsafePointer<UInt8>?, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let known, let start = name.baseAddress else { return false }
        return memcmp(known, start, name.count) == 0
    }

    @inline(__always)
    private func slot(_ first: UInt64, _ last: UInt64) -> Int {
        Int(truncatingIfNeeded: ((first ^ (last &<< 5)) &* 0x9e37_79b9_7f4a_7c15) &>> shift)
    }

    /// The first and the last eight bytes of a name; of a shorter one, twice all of it.
    @inline(__always)
    private static func ends(of name: UnsafeBufferPointer<UInt8>) -> (UInt64, UInt64) {
        guard let start = UnsafeRawPointer(name.baseAddress) else { return (0, 0) }
        let first = start.loadUnaligned(as: UInt64.self).littleEndian
        if name.count >= 8 {
            return (first, start.loadUnaligned(fromByteOffset: name.count &- 8, as: UInt64.self).littleEndian)
        }
        let all = first & ((1 &<< UInt64(truncatingIfNeeded: name.count &* 8)) &- 1)
        return (all, all)
    }
}
