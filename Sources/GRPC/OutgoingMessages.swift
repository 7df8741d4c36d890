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

        var isEmpty: Bool { prefixLeft == 0 && bytes.isEmpty }

        /// Appends up to `count` bytes.
        /// - Returns: how many.
        mutating func take(_ count: Int, into outgoing: inout OutgoingBytes) -> Int {
            let prefixCount = min(prefixLeft, count)
            for _ in 0..<prefixCount {
                prefixLeft -= 1
                // The first of the five is the flag, 0; then the length, big-endian.
                let isFlag = prefixLeft == 4
                outgoing.own.append(isFlag ? 0 : UInt8(truncatingIfNeeded: length >> (8 * prefixLeft)))
            }
            let part = bytes.removePrefix(atMost: count - prefixCount)
            if !part.isEmpty { outgoing.append(part, of: owner) }
            return prefixCount + part.count
        }

        /// Appends the head of a frame and the whole prefix, which is what a message mostly begins with: together, because to
        /// append a few bytes costs as much as to append many.
        mutating func takePrefix(
            behind head: UnsafeRawBufferPointer,
            endsStream: Bool,
            into outgoing: inout OutgoingBytes
        ) {
            withUnsafeTemporaryAllocation(
                byteCount: FrameScanner.headerLength + MessageReader.prefixLength,
                alignment: 8
            ) {
                $0.copyMemory(from: head)
                $0[FrameScanner.flagsPlace] = endsStream ? 1 : 0
                $0[head.count] = 0
                $0.storeBytes(of: UInt32(length).bigEndian, toByteOffset: head.count + 1, as: UInt32.self)
                outgoing.own.append(contentsOf: $0)
            }
            prefixLeft = 0
        }

        /// Keeps what is left of it.
        /// - Returns: what is counted of it then.
        mutating func keep(_ held: HeldBytes) -> Int {
            let owner = owner ?? SharedBytes(copying: bytes)
            if self.owner == nil {
                bytes = owner.bytes
                self.owner = owner
            }
            heldCount = held.hold(owner)
            return heldCount
        }
    }

    /// What goes out next; mostly it is all there is.
    private var current: Entry?
    /// What comes behind it, from `first` on.
    private var later: [Entry] = []
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
        let entry = Entry(owner: owner, bytes: bytes, prefixLeft: prefix, length: bytes.count)
        if current == nil { current = entry } else { later.append(entry) }
        byteCount += prefix + bytes.count
    }

    /// Appends the head of a frame, which may say something else of the end, and the next `count` bytes, which must be there.
    mutating func take(
        _ count: Int,
        behind head: UnsafeRawBufferPointer,
        endsStream: Bool,
        into outgoing: inout OutgoingBytes,
        countingIn held: HeldBytes
    ) {
        precondition(count <= byteCount, "no more is announced than there is")
        byteCount -= count
        var left = count
        if current?.prefixLeft == MessageReader.prefixLength, count >= MessageReader.prefixLength {
            current?.takePrefix(behind: head, endsStream: endsStream, into: &outgoing)
            left -= MessageReader.prefixLength
        } else {
            let start = outgoing.own.count
            outgoing.own.append(contentsOf: head)
            outgoing.own[start + FrameScanner.flagsPlace] = endsStream ? 1 : 0
        }
        while true {
            if left > 0 { left -= current?.take(left, into: &outgoing) ?? left }
            if current?.isEmpty ?? false { removeFirst(held) }
            if left == 0 { return }
        }
    }

    private mutating func removeFirst(_ held: HeldBytes) {
        release(current, held)
        guard first < later.count else {
            current = nil
            return
        }
        current = later[first]
        later[first].owner = nil
        first += 1
        if first == later.count {
            later.removeAll(keepingCapacity: true)
            first = 0
        } else if first >= 32, 2 * first >= later.count {
            later.removeFirst(first)
            first = 0
        }
    }

    /// Keeps what is left of the last bytes: a copy, if they were only lent.
    mutating func keepLast(countingIn held: HeldBytes) {
        if let last = later.indices.last {
            heldByteCount += later[last].keep(held)
        } else {
            heldByteCount += current?.keep(held) ?? 0
        }
    }

    private mutating func release(_ entry: Entry?, _ held: HeldBytes) {
        guard let entry, entry.heldCount > 0, let owner = entry.owner else { return }
        held.release(owner)
        heldByteCount -= entry.heldCount
    }

    mutating func removeAll(_ held: HeldBytes) {
        byteCount = 0
        guard current != nil else { return }
        release(current, held)
        current = nil
        for entry in later[first...] { release(entry, held) }
        later.removeAll(keepingCapacity: later.capacity <= 64)
        first = 0
    }
}
