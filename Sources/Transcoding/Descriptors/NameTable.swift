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
    /// Which slot was asked for after each slot the last time, and first of all: objects that are alike have their members in
    /// the same order.
    private let successors: UnsafeMutablePointer<Int32>
    private let shift: UInt64
    private let mask: Int

    /// - Parameter memory: where the table is from now on.
    init(_ numbers: [(name: String, number: Int)], in memory: OwnedMemory) {
        var bits: UInt64 = 2
        while 1 << bits < 4 * numbers.count { bits += 1 }
        shift = 64 - bits
        mask = 1 << bits - 1
        slots = memory.array(Array(repeating: Slot(), count: 1 << bits))
        successors = memory.array(Array(repeating: 0, count: 1 << bits + 1))
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

    /// A place in the names of an object.
    struct Place {
        fileprivate var slot: Int
    }

    /// In front of an object's first name.
    var begin: Place {
        @inline(__always) get { Place(slot: mask &+ 1) }
    }

    /// The number of `name`, which comes next in an object, and behind which seven more bytes must be readable.
    @inline(__always)
    func number(of name: UnsafeBufferPointer<UInt8>, at place: inout Place) -> Int? {
        let (first, last) = Self.ends(of: name)
        let guess = Int(successors[place.slot])
        if matches(guess, name, first, last) {
            place.slot = guess
        } else {
            guard let slot = find(name, first, last) else { return nil }
            successors[place.slot] = Int32(truncatingIfNeeded: slot)
            place.slot = slot
        }
        return Int(slots[place.slot].number)
    }

    /// The number of `name`, behind which seven more bytes must be readable.
    @inline(__always)
    func number(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        let (first, last) = Self.ends(of: name)
        return find(name, first, last).map { Int(slots[$0].number) }
    }

    @inline(__always)
    private func find(_ name: UnsafeBufferPointer<UInt8>, _ first: UInt64, _ last: UInt64) -> Int? {
        var index = slot(first, last)
        while !matches(index, name, first, last) {
            if slots[index].name == nil { return nil }
            index = (index &+ 1) & mask
        }
        return index
    }

    @inline(__always)
    private func matches(_ index: Int, _ name: UnsafeBufferPointer<UInt8>, _ first: UInt64, _ last: UInt64) -> Bool {
        let slot = slots + index
        return slot.pointee.first == first && slot.pointee.last == last && Int(slot.pointee.length) == name.count
            && (name.count <= 16 || Self.areEqual(slot.pointee.name, name))
    }

    /// Whether a name of over 16 bytes is the same between its ends.
    @inline(__always)
    private static func areEqual(_ known: UnsafePointer<UInt8>?, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let known = UnsafeRawPointer(known), let start = UnsafeRawPointer(name.baseAddress) else { return false }
        if name.count > 32 { return memcmp(known, start, name.count) == 0 }
        func isEqual(at offset: Int) -> Bool {
            known.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                == start.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        }
        return isEqual(at: 8) && isEqual(at: name.count &- 16)
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
