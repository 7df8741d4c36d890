/// One function for each kind of value. Each says whether the field carries the value exactly, and writes nothing if not.
/// Room for 32 bytes has been reserved.
extension ProtobufWriter {
    @inline(__always)
    mutating func writeBool(_ tape: Tape, _ tag: WireTag, _ value: Int) -> Bool {
        let kind = tape.tag(at: value)
        guard kind == Tape.Tag.true || kind == Tape.Tag.false else { return false }
        output.put(tag)
        output.put(kind == Tape.Tag.true ? 1 : 0)
        return true
    }

    @inline(__always)
    mutating func writeInt64(_ tape: Tape, _ tag: WireTag, _ value: Int) -> Bool {
        guard tape.tag(at: value) == Tape.Tag.int64 else { return false }
        output.put(tag)
        output.putVarint(UInt64(bitPattern: tape.int64(at: value)))
        return true
    }

    @inline(__always)
    mutating func writeDouble(_ tape: Tape, _ tag: WireTag, _ value: Int) -> Bool {
        guard let double = exactDouble(tape, value) else { return false }
        output.put(tag)
        output.putFixed64(double.bitPattern)
        return true
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
    mutating func writeString(_ tape: Tape, _ tag: WireTag, _ value: Int) -> Bool {
        guard tape.tag(at: value) == Tape.Tag.string else { return false }
        let bytes = tape.bytes(at: value)
        output.reserve(bytes.count &+ 32)
        output.put(tag)
        output.putVarint(UInt64(truncatingIfNeeded: bytes.count))
        output.putPadded(bytes)
        return true
    }

    @inline(__always)
    mutating func writeEnumeration(
        _ tape: Tape,
        _ tag: WireTag,
        _ numbers: UnsafePointer<NameTable>,
        _ value: Int
    ) -> Bool {
        guard tape.tag(at: value) == Tape.Tag.string,
            let number = numbers.pointee.number(of: tape.bytes(at: value))
        else { return false }
        output.put(tag)
        output.putVarint(UInt64(truncatingIfNeeded: number))
        return true
    }

    @inline(__always)
    mutating func writeTimestamp(_ tape: Tape, _ tag: WireTag, _ value: Int) -> Bool {
        guard tape.tag(at: value) == Tape.Tag.string, let time = Timestamp(rfc3339: tape.bytes(at: value)) else {
            return false
        }
        output.put(tag)
        let begin = output.beginLength()
        if time.seconds != 0 {
            output.put(Self.seconds)
            output.putVarint(UInt64(bitPattern: time.seconds))
        }
        if time.nanos != 0 {
            output.put(Self.nanos)
            output.putVarint(UInt64(truncatingIfNeeded: time.nanos))
        }
        output.endLength(begin)
        return true
    }

    private static var seconds: WireTag { WireTag(field: 1, .varint) }
    private static var nanos: WireTag { WireTag(field: 2, .varint) }
}
