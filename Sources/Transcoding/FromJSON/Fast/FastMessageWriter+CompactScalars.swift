internal import Bytes

/// Scalars of texts without whitespace. Each function returns the place behind the value, or nil if the field cannot carry it
/// exactly; then nothing was written.
extension FastMessageWriter {
    @inline(__always)
    mutating func writeCompactScalar(
        _ field: UnsafePointer<MessageTable.Field>,
        _ value: Place
    ) throws(IndexedText.Doubt) -> Place? {
        let tag = field.pointee.tag
        switch field.pointee.kind {
        case .bool: return writeCompactBool(tag, value)
        case .int64: return try writeCompactInt64(tag, value)
        case .double: return try writeCompactDouble(tag, value)
        case .string: return try writeCompactString(tag, value)
        case .timestamp: return try writeCompactTimestamp(tag, value)
        case .enumeration(let numbers): return try writeCompactEnumeration(tag, numbers, value)
        case .message, .list: preconditionFailure("neither a message nor a list is a scalar")
        }
    }

    @inline(__always)
    private mutating func writeCompactBool(_ tag: PackedTag, _ value: Place) -> Place? {
        let word = UnsafeRawPointer(value).loadUnaligned(as: UInt32.self)
        let isTrue = word == IndexedText.word("true")
        guard isTrue || word == IndexedText.word("fals") && value[4] == UInt8(ascii: "e") else { return nil }
        output.append(tag, bool: isTrue)
        return value + (isTrue ? 4 : 5)
    }

    @inline(__always)
    private mutating func writeCompactInt64(_ tag: PackedTag, _ value: Place) throws(IndexedText.Doubt) -> Place? {
        let digit = value.pointee &- UInt8(ascii: "0")
        if digit <= 9 && (value[1] == UInt8(ascii: ",") || value[1] == UInt8(ascii: "}")) {
            output.append(tag, varint: UInt64(digit))
            return value + 1
        }
        guard JSONNumber.begins(at: value) else { return nil }
        let number = try JSONNumber(at: value)
        guard let integer = number.int64 else { return nil }
        output.append(tag, varint: UInt64(bitPattern: integer))
        return value + number.token.count
    }

    @inline(__always)
    private mutating func writeCompactDouble(_ tag: PackedTag, _ value: Place) throws(IndexedText.Doubt) -> Place? {
        guard JSONNumber.begins(at: value) else { return nil }
        let number = try JSONNumber(at: value)
        guard let double = number.double else { return nil }
        output.append(tag, double: double)
        return value + number.token.count
    }

    @inline(never)
    private mutating func writeCompactTimestamp(_ tag: PackedTag, _ value: Place) throws(IndexedText.Doubt) -> Place? {
        guard let string = try plainString(value), let time = Timestamp(rfc3339: string) else { return nil }
        output.append(tag, time: time)
        return value + (string.count + 2)
    }

    @inline(__always)
    private mutating func writeCompactEnumeration(
        _ tag: PackedTag,
        _ numbers: UnsafePointer<NameTable>,
        _ value: Place
    ) throws(IndexedText.Doubt) -> Place? {
        guard let string = try plainString(value), let number = numbers.pointee.number(of: string) else { return nil }
        output.append(tag, varint: UInt64(truncatingIfNeeded: number))
        return value + (string.count + 2)
    }
}

extension FastMessageWriter {
    /// A string up to this length is copied while its end is looked for.
    private static let shortLength = 112

    /// What stands between the quotes of a string that means itself; nil if none begins here.
    @inline(__always)
    func plainString(_ value: Place) throws(IndexedText.Doubt) -> UnsafeBufferPointer<UInt8>? {
        guard value.pointee == UInt8(ascii: "\"") else { return nil }
        let start = value + 1
        var place = start
        while true {
            guard place < textEnd else { throw IndexedText.Doubt() }
            let count = TextPiece.plainPrefix(at: place).count
            place += count
            if count < TextPiece.size { break }
        }
        guard place.pointee == UInt8(ascii: "\""), place < textEnd else { throw IndexedText.Doubt() }
        return UnsafeBufferPointer(start: start, count: place - start)
    }

    @inline(__always)
    private mutating func writeCompactString(_ tag: PackedTag, _ value: Place) throws(IndexedText.Doubt) -> Place? {
        guard value.pointee == UInt8(ascii: "\"") else { return nil }
        output.reserve(16 + Self.shortLength + TextPiece.size)
        var cursor = ProtobufCursor(output.start + output.count)
        cursor.put(tag)
        let target = UnsafeMutableRawPointer(cursor.position + 1)
        let start = value + 1
        var length = 0
        repeat {
            let (bytes, count) = TextPiece.plainPrefix(at: start + length)
            target.storeBytes(of: bytes, toByteOffset: length, as: TextPiece.Bytes.self)
            length &+= count
            if count < TextPiece.size { break }
        } while length < Self.shortLength && start + length < textEnd
        let end = start + length
        guard end.pointee == UInt8(ascii: "\""), end < textEnd else { return try writeLongString(tag, start) }
        cursor.put(UInt8(truncatingIfNeeded: length))
        output.count = cursor.position - output.start &+ length
        return end + 1
    }

    /// A string that is long, or does not mean itself.
    @inline(never)
    private mutating func writeLongString(_ tag: PackedTag, _ start: Place) throws(IndexedText.Doubt) -> Place {
        var place = start
        var (isPlain, isASCII) = (true, true)
        scanning: while place < textEnd {
            let count = TextPiece.plainPrefix(at: place).count
            place += count
            guard count < TextPiece.size else { continue }
            switch place.pointee {
            case UInt8(ascii: "\""): break scanning
            case UInt8(ascii: "\\"):
                isPlain = false
                place += 2
            case 0x80...:
                isASCII = false
                while place.pointee >= 0x80 { place += 1 }
            default: throw IndexedText.Doubt()
            }
        }
        guard place < textEnd else { throw IndexedText.Doubt() }
        let string = UnsafeBufferPointer(start: start, count: place - start)
        guard isASCII || UnsafeRawBufferPointer(string).isUTF8 else { throw IndexedText.Doubt() }
        if isPlain {
            output.append(tag, string: string)
        } else {
            let begin = output.beginLength(tag)
            try output.append(unescaping: string)
            output.endLength(begin)
        }
        return place + 1
    }
}
