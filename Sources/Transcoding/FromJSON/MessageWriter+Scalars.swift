internal import Bytes

/// One function for each kind of value. Each returns the index behind the value, or nil if the field cannot carry it exactly;
/// then nothing was written.
extension MessageWriter {
    @inline(__always)
    mutating func writeBool(_ tape: Tape, _ tag: PackedTag, _ value: Int) -> Int? {
        let kind = tape.tag(at: value)
        guard kind == Tape.Tag.true || kind == Tape.Tag.false else { return nil }
        output.append(tag, bool: kind == Tape.Tag.true)
        return value &+ 1
    }

    @inline(__always)
    mutating func writeInt64(_ tape: Tape, _ tag: PackedTag, _ value: Int) -> Int? {
        guard tape.tag(at: value) == Tape.Tag.int64 else { return nil }
        output.append(tag, varint: UInt64(bitPattern: tape.int64(at: value)))
        return value &+ 2
    }

    @inline(__always)
    mutating func writeDouble(_ tape: Tape, _ tag: PackedTag, _ value: Int) -> Int? {
        guard let double = exactDouble(tape, value) else { return nil }
        output.append(tag, double: double)
        return tape.next(after: value)
    }

    /// A decimal means the nearest Double, an integer means itself.
    @inline(__always)
    private mutating func exactDouble(_ tape: Tape, _ value: Int) -> Double? {
        switch tape.tag(at: value) {
        case Tape.Tag.double: return tape.double(at: value)
        case Tape.Tag.int64: return Double(exactly: tape.int64(at: value))
        case Tape.Tag.uint64: return Double(exactly: tape.uint64(at: value))
        case Tape.Tag.rawNumber: return Double(exactInteger: tape.bytes(at: value))
        default: return nil
        }
    }

    @inline(__always)
    mutating func writeString(_ tape: Tape, _ tag: PackedTag, _ value: Int) -> Int? {
        guard tape.tag(at: value) == Tape.Tag.string else { return nil }
        output.append(tag, string: tape.bytes(at: value))
        return value &+ 1
    }

    @inline(__always)
    mutating func writeEnumeration(
        _ tape: Tape,
        _ tag: PackedTag,
        _ numbers: UnsafePointer<NameTable>,
        _ value: Int
    ) -> Int? {
        guard tape.tag(at: value) == Tape.Tag.string,
            let number = numbers.pointee.number(of: tape.bytes(at: value))
        else { return nil }
        output.append(tag, varint: UInt64(truncatingIfNeeded: number))
        return value &+ 1
    }

    @inline(never)
    mutating func writeTimestamp(_ tape: Tape, _ tag: PackedTag, _ value: Int) -> Int? {
        guard tape.tag(at: value) == Tape.Tag.string, let time = Timestamp(rfc3339: tape.bytes(at: value)) else {
            return nil
        }
        output.append(tag, time: time)
        return value &+ 1
    }
}
