internal import Bytes
internal import Glibc

/// JSON text from a tape: any value, however deep.
extension MessageWriter {
    @inline(__always)
    mutating func putJSON(_ byte: UInt8) { output.append(byte) }

    /// Keeps the containers that are open on `leftovers` instead of recursing: the depth is the peer's choice. What is longer
    /// than any message may be is not written to its end.
    mutating func writeJSONValue(_ tape: Tape, _ value: Int) {
        let base = leftovers.count
        let begin = output.count
        var index = value
        var needsComma = false
        repeat {
            if output.count - begin > Self.maximumLength { isTooLarge = true }
            if isTooLarge { break }
            let tag = tape.tag(at: index)
            if tag == Tape.Tag.objectEnd || tag == Tape.Tag.arrayEnd {
                putJSON(tag)
                leftovers.count -= 1
                needsComma = true
                index += 1
                continue
            }
            if needsComma { putJSON(UInt8(ascii: ",")) }
            if leftovers.count > base && tape.tag(at: leftover(at: leftovers.count - 1)) == Tape.Tag.object {
                writeJSONString(tape, index)
                putJSON(UInt8(ascii: ":"))
                index += 1
            }
            if tape.tag(at: index) == Tape.Tag.object || tape.tag(at: index) == Tape.Tag.array {
                putJSON(tape.tag(at: index))
                addLeftover(index)
                needsComma = false
                index += 1
            } else {
                writeJSONScalar(tape, index)
                needsComma = true
                index = tape.next(after: index)
            }
        } while leftovers.count > base
        leftovers.count = base
    }

    private mutating func writeJSONScalar(_ tape: Tape, _ value: Int) {
        switch tape.tag(at: value) {
        case Tape.Tag.true: output.append("true")
        case Tape.Tag.false: output.append("false")
        case Tape.Tag.int64:
            let integer = tape.int64(at: value)
            if integer < 0 { putJSON(UInt8(ascii: "-")) }
            putDigits(of: integer.magnitude)
        case Tape.Tag.uint64: putDigits(of: tape.uint64(at: value))
        case Tape.Tag.double: output.append(text: tape.double(at: value).description)
        case Tape.Tag.rawNumber: putBytes(tape.bytes(at: value))
        case Tape.Tag.string, Tape.Tag.rawString: writeJSONString(tape, value)
        default: output.append("null")
        }
    }

    private mutating func putDigits(of integer: UInt64) {
        output.reserve(20)
        let begin = output.count
        var rest = integer
        repeat {
            output.put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        var digits = UnsafeMutableBufferPointer(start: output.start + begin, count: output.count - begin)
        digits.reverse()
    }

    private mutating func putBytes(_ bytes: UnsafeBufferPointer<UInt8>) {
        output.write(room: bytes.count + 16) { $0.putPadded(bytes) }
    }

    mutating func writeJSONString(_ tape: Tape, _ value: Int) {
        let bytes = tape.bytes(at: value)
        if tape.tag(at: value) == Tape.Tag.string && !Self.needsEscapes(bytes) {
            output.write(room: bytes.count + 32) {
                $0.put(UInt8(ascii: "\""))
                $0.putPadded(bytes)
                $0.put(UInt8(ascii: "\""))
            }
        } else {
            writeEscaped(bytes)
        }
    }

    /// Whether a character of the string cannot stand for itself.
    private static func needsEscapes(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let start = UnsafeRawPointer(bytes.baseAddress) else { return false }
        var index = 0
        while index < bytes.count {
            let word = start.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
            // What lies behind the string does not count.
            let missing = UInt64(truncatingIfNeeded: 8 &* max(0, index &+ 8 &- bytes.count))
            if word.bytesToEscape &<< missing != 0 { return true }
            index &+= 8
        }
        return false
    }

    private mutating func writeEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        putJSON(UInt8(ascii: "\""))
        output.append(escaping: UnsafeRawBufferPointer(bytes), .numbers)
        putJSON(UInt8(ascii: "\""))
    }
}
