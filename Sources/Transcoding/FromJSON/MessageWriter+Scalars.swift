internal import Bytes

/// One function for each kind of value. Each returns the index behind the value, or nil if the field cannot carry it exactly;
/// then nothing was written.
extension MessageWriter {
    @inline(__always)
    mutating func writeBool(_ tape: Tape, _ tag: PackedTag, _ value: Int) -> Int? {
        let kind = tape.tag(at: value)
        guard kind == Tape.Tag.true || kind == Tape.Tag.false else { return nil }
        output.write(room: 16) {
            $0.put(tag)
            $0.put(kind == Tape.Tag.true ? 1 : 0)
        }
        return value &+ 1
    }

    @inline(__always)
    mutating func writeInt64(_ tape: Tape, _ tag: PackedTag, _ value: Int) -> Int? {
        guard tape.tag(at: value) == Tape.Tag.int64 else { return nil }
        output.write(room: 16) {
            $0.put(tag)
            $0.putVarint(UInt64(bitPattern: tape.int64(at: value)))
        }
        return value &+ 2
    }

    @inline(__always)
    mutating func writeDouble(_ tape: Tape, _ tag: PackedTag, _ value: Int) -> Int? {
        guard let double = exactDouble(tape, value) else { return nil }
        output.write(room: 16) {
            $0.put(tag)
            $0.putFixed64(double.bitPattern)
        }
        return tape.next(after: value)
    }

    /// A decimal means the nearest Double, an integer means itself.
    @inline(__always)
    private mutating func exactDouble(_ tape: Tape, _ value: Int) -> Double? {
        switch tape.tag(at: value) {
        case Tape.Tag.double:
            let double = tape.double(at: value)
            if double == 0 { hasSeenZero = true }
            return double
        case Tape.Tag.int64: return Double(exactly: tape.int64(at: value))
        case Tape.Tag.uint64: return Double(exactly: tape.uint64(at: value))
        case Tape.Tag.rawNumber: return Double(exactInteger: tape.bytes(at: value))
        default: return nil
        }
    }

    @inline(__always)
    mutating func writeString(_ tape: Tape, _ tag: PackedTag, _ value: Int) -> Int? {
        guard tape.tag(at: value) == Tape.Tag.string else { return nil }
        let bytes = tape.bytes(at: value)
        output.write(room: bytes.count &+ 32) {
            $0.put(tag)
            $0.putVarint(UInt64(truncatingIfNeeded: bytes.count))
            $0.putPadded(bytes)
        }
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
        output.write(room: 16) {
            $0.put(tag)
            $0.putVarint(UInt64(truncatingIfNeeded: number))
        }
        return value &+ 1
    }

    @inline(never)
    mutating func writeTimestamp(_ tape: Tape, _ tag: PackedTag, _ value: Int) -> Int? {
        guard tape.tag(at: value) == Tape.Tag.string, let time = Timestamp(rfc3339: tape.bytes(at: value)) else {
            return nil
        }
        let begin = output.beginLength(tag)
        output.write(room: 32) {
            if time.seconds != 0 {
                $0.put(Self.seconds)
                $0.putVarint(UInt64(bitPattern: time.seconds))
            }
            if time.nanos != 0 {
                $0.put(Self.nanos)
                $0.putVarint(UInt64(truncatingIfNeeded: time.nanos))
            }
        }
        output.endLength(begin)
        return value &+ 1
    }

    private static var seconds: PackedTag { PackedTag(ProtobufTag(1, .varint)) }
    private static var nanos: PackedTag { PackedTag(ProtobufTag(2, .varint)) }
}
