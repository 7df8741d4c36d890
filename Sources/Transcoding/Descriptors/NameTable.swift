internal import Bytes
internal import Glibc

/// Finds a number by a name's bytes: a hash table that is made once and read without touching a reference count.
struct NameTable {
    /// A name by its first and its last eight bytes; only names over 16 bytes need a look at the rest.
    fileprivate struct Slot {
        var key = MemberKey.none
        /// Which slot came behind this one the last time: objects that are alike have their members in the same order.
        var successor: UnsafeMutablePointer<Slot>?
        var number = 0
        var first: UInt64 = 0
        var last: UInt64 = 0
        var name: UnsafePointer<UInt8>?
        /// No name has the length of a slot that is free.
        var length = Int.max
    }

    /// Behind the last one is one more, where objects begin.
    private let slots: UnsafeMutablePointer<Slot>
    private let shift: UInt64
    private let mask: Int

    /// - Parameter memory: where the table is from now on.
    init(_ numbers: [(name: String, number: Int)], in memory: OwnedMemory) {
        var bits: UInt64 = 2
        while 1 << bits < 4 * numbers.count { bits += 1 }
        shift = 64 - bits
        mask = 1 << bits - 1
        slots = memory.array(Array(repeating: Slot(), count: 1 << bits + 1))
        for index in 0...(mask + 1) { slots[index].successor = slots }
        for (name, number) in numbers { insert(name, number, memory) }
    }

    private func insert(_ name: String, _ number: Int, _ memory: OwnedMemory) {
        let length = name.utf8.count
        let bytes = memory.array(Array(name.utf8) + [UInt8](repeating: 0, count: 8))
        let (first, last) = Self.ends(of: UnsafeBufferPointer(start: bytes, count: length))
        var index = slot(first, last)
        while slots[index].name != nil { index = (index + 1) & mask }
        slots[index].key = MemberKey(name)
        slots[index].number = number
        (slots[index].first, slots[index].last) = (first, last)
        (slots[index].name, slots[index].length) = (UnsafePointer(bytes), length)
    }

    /// A place in the names of an object.
    struct Place {
        fileprivate var slot: UnsafeMutablePointer<Slot>

        /// How long the name's member is up to its value, without whitespace.
        var keyLength: Int {
            @inline(__always) get { slot.pointee.length &+ 3 }
        }
    }

    /// In front of an object's first name.
    var begin: Place {
        @inline(__always) get { Place(slot: slots + (mask &+ 1)) }
    }

    /// The number of the name that was behind `place` the last time, if its member begins at `text`, without whitespace.
    @inline(__always)
    func number(ofMemberAt text: UnsafePointer<UInt8>, at place: inout Place) -> Int? {
        guard let guess = place.slot.pointee.successor, guess.pointee.key.begins(at: text) else { return nil }
        place.slot = guess
        return guess.pointee.number
    }

    /// The number of `name`, which comes next in an object, and behind which seven more bytes must be readable.
    @inline(__always)
    func number(of name: UnsafeBufferPointer<UInt8>, at place: inout Place) -> Int? {
        let (first, last) = Self.ends(of: name)
        if let guess = place.slot.pointee.successor, Self.matches(guess, name, first, last) {
            place.slot = guess
        } else {
            guard let slot = find(name, first, last) else { return nil }
            place.slot.pointee.successor = slot
            place.slot = slot
        }
        return place.slot.pointee.number
    }

    /// The number of `name`, behind which seven more bytes must be readable.
    @inline(__always)
    func number(of name: UnsafeBufferPointer<UInt8>) -> Int? {
        let (first, last) = Self.ends(of: name)
        return find(name, first, last)?.pointee.number
    }

    @inline(__always)
    private func find(
        _ name: UnsafeBufferPointer<UInt8>,
        _ first: UInt64,
        _ last: UInt64
    ) -> UnsafeMutablePointer<Slot>? {
        var index = slot(first, last)
        while !Self.matches(slots + index, name, first, last) {
            if slots[index].name == nil { return nil }
            index = (index &+ 1) & mask
        }
        return slots + index
    }

    @inline(__always)
    private static func matches(
        _ slot: UnsafeMutablePointer<Slot>,
        _ name: UnsafeBufferPointer<UInt8>,
        _ first: UInt64,
        _ last: UInt64
    ) -> Bool {
        slot.pointee.first == first && slot.pointee.last == last && slot.pointee.length == name.count
            && (name.count <= 16 || areEqual(slot.pointee.name, name))
    }

    /// Whether a name of over 16 bytes is the same between its ends.
    @inline(__always)
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
