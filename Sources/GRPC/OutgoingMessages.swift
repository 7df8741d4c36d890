internal import Bytes

/// What one stream has to say and its window has not taken, by reference.
struct OutgoingMessages {
    private struct Entry {
        /// Nil for what is only lent for now.
        var owner: AnyObject?
        var bytes: UnsafeRawBufferPointer
        /// Bytes of the five in front of a message that are still to go; 0 for text.
        var prefixLeft: Int
        let length: Int
    }

    private var entries: [Entry] = []
    private var first = 0
    /// Everything that is still to go, prefixes included.
    private(set) var byteCount = 0

    /// - Parameters:
    ///   - owner: holds the bytes. Without one they are lent until `keepLast`.
    ///   - isMessage: they go out behind a prefix.
    mutating func append(_ bytes: UnsafeRawBufferPointer, owner: AnyObject?, isMessage: Bool) {
        let prefix = isMessage ? MessageReader.prefixLength : 0
        entries.append(Entry(owner: owner, bytes: bytes, prefixLeft: prefix, length: bytes.count))
        byteCount += prefix + bytes.count
    }

    /// Appends the next `count` bytes, which must be there.
    mutating func take(_ count: Int, into outgoing: inout [UInt8]) {
        precondition(count <= byteCount, "no more is announced than there is")
        byteCount -= count
        var left = count
        while left > 0 {
            left -= Self.take(left, of: &entries[first], into: &outgoing)
            if entries[first].prefixLeft == 0, entries[first].bytes.isEmpty { removeFirst() }
        }
    }

    private static func take(_ count: Int, of entry: inout Entry, into outgoing: inout [UInt8]) -> Int {
        var left = count
        while entry.prefixLeft > 0, left > 0 {
            entry.prefixLeft -= 1
            // The first of the five is the flag, 0; then the length, big-endian.
            let isFlag = entry.prefixLeft == 4
            outgoing.append(isFlag ? 0 : UInt8(truncatingIfNeeded: entry.length >> (8 * entry.prefixLeft)))
            left -= 1
        }
        let part = entry.bytes.removePrefix(atMost: left)
        outgoing.append(contentsOf: part)
        return count - left + part.count
    }

    private mutating func removeFirst() {
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

    /// Copies what is left of the last bytes, if they were only lent.
    mutating func keepLast() {
        guard first < entries.count, entries[entries.count - 1].owner == nil else { return }
        let copy = SharedBytes(copying: entries[entries.count - 1].bytes)
        entries[entries.count - 1].bytes = copy.bytes
        entries[entries.count - 1].owner = copy
    }

    mutating func removeAll() {
        entries.removeAll(keepingCapacity: entries.capacity <= 64)
        first = 0
        byteCount = 0
    }
}
