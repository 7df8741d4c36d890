internal import Bytes

/// What one stream has to say and its window has not taken, by reference.
struct OutgoingMessages {
    private struct Entry {
        /// Nil for what is only lent for now.
        var owner: SharedBytes?
        var bytes: UnsafeRawBufferPointer
        /// Bytes of the five in front of a message that are still to go; 0 for text.
        var prefixLeft: Int
        let length: Int
        /// What is counted of the owner's memory, once it is known to wait.
        var heldCount = 0
    }

    private var entries: [Entry] = []
    private var first = 0
    /// Everything that is still to go, prefixes included.
    private(set) var byteCount = 0
    /// Bytes of memory that wait: a share of what others wait with as well.
    private(set) var heldByteCount = 0

    /// - Parameters:
    ///   - owner: holds the bytes. Without one they are lent until `keepLast`.
    ///   - isMessage: they go out behind a prefix.
    mutating func append(_ bytes: UnsafeRawBufferPointer, owner: SharedBytes?, isMessage: Bool) {
        let prefix = isMessage ? MessageReader.prefixLength : 0
        entries.append(Entry(owner: owner, bytes: bytes, prefixLeft: prefix, length: bytes.count))
        byteCount += prefix + bytes.count
    }

    /// Appends the next `count` bytes, which must be there.
    mutating func take(_ count: Int, into outgoing: inout OutgoingBytes, countingIn held: HeldBytes) {
        precondition(count <= byteCount, "no more is announced than there is")
        byteCount -= count
        var left = count
        while left > 0 {
            left -= Self.take(left, of: &entries[first], into: &outgoing)
            if entries[first].prefixLeft == 0, entries[first].bytes.isEmpty { removeFirst(held) }
        }
    }

    private static func take(_ count: Int, of entry: inout Entry, into outgoing: inout OutgoingBytes) -> Int {
        var left = count
        while entry.prefixLeft > 0, left > 0 {
            entry.prefixLeft -= 1
            // The first of the five is the flag, 0; then the length, big-endian.
            let isFlag = entry.prefixLeft == 4
            outgoing.own.append(isFlag ? 0 : UInt8(truncatingIfNeeded: entry.length >> (8 * entry.prefixLeft)))
            left -= 1
        }
        let part = entry.bytes.removePrefix(atMost: left)
        outgoing.append(part, of: entry.owner)
        return count - left + part.count
    }

    private mutating func removeFirst(_ held: HeldBytes) {
        release(first, held)
        entries[first].owner = nil
        first += 1
        if first == entries.count {
            entries.removeAll(keepingCapacity: true)
            first = 0
        } else if first >= 32, 2 * first >= entries.count {
            entries.removeFirst(first)
            first = 0
        }
    }

    /// Keeps what is left of the last bytes: a copy, if they were only lent.
    mutating func keepLast(countingIn held: HeldBytes) {
        guard first < entries.count else { return }
        let last = entries.count - 1
        let owner = entries[last].owner ?? SharedBytes(copying: entries[last].bytes)
        if entries[last].owner == nil {
            entries[last].bytes = owner.bytes
            entries[last].owner = owner
        }
        entries[last].heldCount = held.hold(owner)
        heldByteCount += entries[last].heldCount
    }

    private mutating func release(_ index: Int, _ held: HeldBytes) {
        guard entries[index].heldCount > 0, let owner = entries[index].owner else { return }
        held.release(owner)
        heldByteCount -= entries[index].heldCount
    }

    mutating func removeAll(_ held: HeldBytes) {
        for index in first..<entries.count { release(index, held) }
        entries.removeAll(keepingCapacity: entries.capacity <= 64)
        first = 0
        byteCount = 0
    }
}
