internal import Glibc

/// JSON text from a tape: any value, however deep.
extension ProtobufWriter {
    @inline(__always)
    mutating func putJSON(_ byte: UInt8) {
        output.reserve(1)
        output.put(byte)
    }

    /// Keeps the containers that are open on `leftovers` instead of recursing: the depth is the peer's choice.
    mutating func writeJSONValue(_ tape: Tape, _ value: Int) {
        let base = leftovers.count
        var index = value
        var needsComma = false
        repeat {
            let tag = tape.tag(at: index)
            if tag == Tape.Tag.objectEnd || tag == Tape.Tag.arrayEnd {
                putJSON(tag)
                leftovers.truncate(to: leftovers.count - 1)
                needsComma = true
                index += 1
                continue
            }
            if needsComma { putJSON(UInt8(ascii: ",")) }
            if leftovers.count > base && tape.tag(at: leftovers[leftovers.count - 1]) == Tape.Tag.object {
                writeJSONString(tape, index)
                putJSON(UInt8(ascii: ":"))
                index += 1
            }
            if tape.tag(at: index) == Tape.Tag.object || tape.tag(at: index) == Tape.Tag.array {
                putJSON(tape.tag(at: index))
                leftovers.append(index)
                needsComma = false
                index += 1
            } else {
                writeJSONScalar(tape, index)
                needsComma = true
                index = tape.next(after: index)
            }
        } while leftovers.count > base
    }

    private mutating func writeJSONScalar(_ tape: Tape, _ value: Int) {
        switch tape.tag(at: value) {
        case Tape.Tag.true: putText("true")
        case Tape.Tag.false: putText("false")
        case Tape.Tag.int64: putText(tape.int64(at: value).description)
        case Tape.Tag.uint64: putText(tape.uint64(at: value).description)
        case Tape.Tag.double:
            if tape.double(at: value) == 0 { hasSeenZero = true }
            putText(tape.double(at: value).description)
        case Tape.Tag.rawNumber: putBytes(tape.bytes(at: value))
        case Tape.Tag.string, Tape.Tag.rawString: writeJSONString(tape, value)
        default: putText("null")
        }
    }

    private mutating func putText(_ text: String) {
        for byte in text.utf8 { putJSON(byte) }
    }

    private mutating func putBytes(_ bytes: UnsafeBufferPointer<UInt8>) {
        output.reserve(bytes.count + 16)
        output.putPadded(bytes)
    }

    mutating func writeJSONString(_ tape: Tape, _ value: Int) {
        let bytes = tape.bytes(at: value)
        let isRaw = tape.tag(at: value) == Tape.Tag.rawString
        putJSON(UInt8(ascii: "\""))
        var clean = 0
        for index in 0..<bytes.count where index >= clean {
            let byte = bytes[index]
            let isSurrogate = isRaw && byte == 0xed && bytes[index + 1] >= 0xa0
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || isSurrogate else {
                continue
            }
            putBytes(UnsafeBufferPointer(rebasing: bytes[clean..<index]))
            if isSurrogate {
                putEscape(0xd000 | UInt16(bytes[index + 1] & 0x3f) << 6 | UInt16(bytes[index + 2] & 0x3f))
            } else {
                putEscape(UInt16(byte))
            }
            clean = index + (isSurrogate ? 3 : 1)
        }
        putBytes(UnsafeBufferPointer(rebasing: bytes[clean...]))
        putJSON(UInt8(ascii: "\""))
    }

    private mutating func putEscape(_ unit: UInt16) {
        output.reserve(6)
        output.put(UInt8(ascii: "\\"))
        if unit >= 0x20 && unit < 0x80 { return output.put(UInt8(truncatingIfNeeded: unit)) }
        output.put(UInt8(ascii: "u"))
        for shift: UInt16 in [12, 8, 4, 0] {
            let digit = UInt8(truncatingIfNeeded: unit >> shift & 0xf)
            output.put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}
