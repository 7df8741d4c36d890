internal import Bytes

/// Walks over a tape and writes the protobuf message of its top object, in one pass and without building the message.
struct MessageWriter: ~Copyable {
    var output = ByteBuffer(capacity: 4096)
    /// Where on the tape the members' keys are that the typed fields of their messages cannot carry; inner messages stand
    /// behind outer ones.
    var leftovers = GrowingBuffer<UInt32>(capacity: 64)
    /// What the typed fields cannot carry is longer than any message may be. The output is of no use then.
    var isTooLarge = false

    /// No message is longer: what a frame can carry.
    static let maximumLength = 4 << 20

    mutating func write(_ tape: Tape, as table: UnsafePointer<MessageTable>) {
        isTooLarge = false
        writeMessage(tape, table, Tape.top)
        leftovers.reset(keeping: 64 << 10)
    }

    mutating func writeMessage(_ tape: Tape, _ table: UnsafePointer<MessageTable>, _ object: Int) {
        let begin = output.count
        let base = leftovers.count
        let wasTooLarge = isTooLarge
        if !writeEachMember(tape, table, object) {
            isTooLarge = wasTooLarge
            output.count = begin
            leftovers.count = base
            writeLastMembers(tape, table, object)
        }
        if leftovers.count > base {
            writeAdditionalProperties(tape, table, from: base)
            leftovers.count = base
        }
    }

    /// Whether no field came twice. If one did, what was written is of no use.
    private mutating func writeEachMember(_ tape: Tape, _ table: UnsafePointer<MessageTable>, _ object: Int) -> Bool {
        let end = tape.end(at: object) &- 1
        let names = table.pointee.names
        let fields = table.pointee.fields
        var seen: UInt64 = 0
        var key = object &+ 1
        while key < end {
            guard let number = names.number(of: tape.bytes(at: key)) else {
                addLeftover(key)
                key = tape.next(after: key &+ 1)
                continue
            }
            // Fields whose numbers are 64 apart share a bit. If both come, the slow way is taken for nothing.
            let bit = 1 &<< UInt64(truncatingIfNeeded: number)
            if seen & bit != 0 { return false }
            seen |= bit
            if let next = writeValue(tape, fields + number, key &+ 1) {
                key = next
            } else {
                addLeftover(key)
                key = tape.next(after: key &+ 1)
            }
        }
        return true
    }

    /// The slow way, for objects with a member that comes twice: finds the last one of each name first.
    @inline(never)
    private mutating func writeLastMembers(_ tape: Tape, _ table: UnsafePointer<MessageTable>, _ object: Int) {
        let base = leftovers.count
        let end = tape.end(at: object) - 1
        var key = object + 1
        while key < end {
            addLeftover(key)
            key = tape.next(after: key + 1)
        }
        keepLastOfEachName(tape, from: base)
        var kept = base
        for position in base..<leftovers.count {
            let key = leftover(at: position)
            let number = table.pointee.names.number(of: tape.bytes(at: key))
            if let number, writeValue(tape, table.pointee.fields + number, key + 1) != nil { continue }
            leftovers[kept] = leftovers[position]
            kept += 1
        }
        leftovers.count = kept
    }

    /// Returns the index behind the value, or nil if the field cannot carry it exactly. Then nothing was written.
    @inline(__always)
    private mutating func writeValue(
        _ tape: Tape,
        _ field: UnsafePointer<MessageTable.Field>,
        _ value: Int
    ) -> Int? {
        let tag = field.pointee.tag
        switch field.pointee.kind {
        case .bool: return writeBool(tape, tag, value)
        case .int64: return writeInt64(tape, tag, value)
        case .double: return writeDouble(tape, tag, value)
        case .string: return writeString(tape, tag, value)
        case .timestamp: return writeTimestamp(tape, tag, value)
        case .enumeration(let numbers): return writeEnumeration(tape, tag, numbers, value)
        case .message(let table): return writeNested(tape, tag, table, value)
        case .list(let element): return writeList(tape, element, value)
        }
    }

    /// A list is carried whole or not at all.
    @inline(never)
    private mutating func writeList(
        _ tape: Tape,
        _ element: UnsafePointer<MessageTable.Field>,
        _ value: Int
    ) -> Int? {
        guard tape.tag(at: value) == Tape.Tag.array else { return nil }
        let begin = output.count
        let end = tape.end(at: value)
        var index = value &+ 1
        while index < end &- 1 {
            guard let next = writeValue(tape, element, index) else {
                output.count = begin
                return nil
            }
            index = next
        }
        return end
    }

    @inline(never)
    private mutating func writeNested(
        _ tape: Tape,
        _ tag: PackedTag,
        _ table: UnsafePointer<MessageTable>,
        _ value: Int
    ) -> Int? {
        guard tape.tag(at: value) == Tape.Tag.object else { return nil }
        let begin = output.beginLength(tag)
        writeMessage(tape, table, value)
        output.endLength(begin)
        return tape.end(at: value)
    }

    @inline(__always)
    mutating func addLeftover(_ key: Int) { leftovers.append(UInt32(truncatingIfNeeded: key)) }

    @inline(__always)
    func leftover(at position: Int) -> Int { Int(leftovers[position]) }
}
