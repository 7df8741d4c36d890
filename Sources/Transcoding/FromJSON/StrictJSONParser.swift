internal import Bytes
internal import Glibc

/// Reads every JSON text that RFC 8259 allows onto a tape, also what simdjson refuses: integers beyond 64 bits, decimals out
/// of range, lone surrogates, any depth. Several times slower than simdjson; says what is wrong with a text, and where.
struct StrictJSONParser: ~Copyable {
    private var reader: JSONReader
    private var words = GrowingBuffer<UInt64>(capacity: 512)
    private var strings = ByteBuffer(capacity: 4096)
    /// The index of the innermost open container, 0 outside of all. Until it is closed, the payload of a container's word
    /// is the index of the container around it: a stack that needs no memory of its own.
    private var open = 0

    init(text: UnsafeBufferPointer<UInt8>, from position: Int) {
        reader = JSONReader(UnsafeRawBufferPointer(text), from: position)
    }

    /// Lives as long as the parser.
    var tape: Tape {
        Tape(words: words.start, strings: strings.start)
    }

    mutating func parse() throws(JSONTranscodingError) {
        append(Tape.Tag.root)
        do throws(JSONReader.SyntaxError) {
            while let token = try reader.next() { append(token) }
        } catch {
            throw .notJSON(reason: error.reason, offset: error.offset)
        }
        // Strings are read in pieces of 16 bytes.
        strings.reserve(16)
    }

    private mutating func append(_ token: JSONReader.Token) {
        switch token {
        case .objectBegin: openContainer(Tape.Tag.object)
        case .objectEnd: closeContainer(Tape.Tag.objectEnd)
        case .arrayBegin: openContainer(Tape.Tag.array)
        case .arrayEnd: closeContainer(Tape.Tag.arrayEnd)
        case .key, .string: appendString()
        case .integer: appendInteger(reader.text[reader.range])
        case .decimal: appendDecimal(reader.text[reader.range])
        case .true: append(Tape.Tag.true)
        case .false: append(Tape.Tag.false)
        case .null: append(Tape.Tag.null)
        }
    }

    private mutating func append(_ tag: UInt8, _ payload: UInt64 = 0) {
        words.append(Tape.word(tag, payload))
    }
}

extension StrictJSONParser {
    private mutating func openContainer(_ tag: UInt8) {
        let around = open
        open = words.count
        append(tag, UInt64(around))
    }

    private mutating func closeContainer(_ tag: UInt8) {
        let around = tape.payload(at: open)
        append(tag, UInt64(open))
        words[open] = Tape.word(tape.tag(at: open), UInt64(words.count))
        open = Int(around)
    }

    /// Appends a string, unescaped. A lone surrogate becomes the three bytes that UTF-8 forbids.
    private mutating func appendString() {
        let range = reader.range.lowerBound + 1..<reader.range.upperBound - 1
        let begin = beginText()
        if reader.hasEscapes {
            strings.reserve(range.count)
            var bytes = reader.string
            while let byte = bytes.next() { strings.put(byte) }
        } else {
            strings.append(UnsafeRawBufferPointer(rebasing: reader.text[range]))
        }
        let string = UnsafeRawBufferPointer(rebasing: strings.bytes[begin...])
        let isCarriable = !reader.hasEscapes || (!string.contains(0) && string.isUTF8)
        append(isCarriable ? Tape.Tag.string : Tape.Tag.rawString, endText(begin))
    }

    private mutating func appendInteger(_ token: Slice<UnsafeRawBufferPointer>) {
        let isNegative = token.first == UInt8(ascii: "-")
        var magnitude: UInt64 = 0
        for byte in isNegative ? token.dropFirst() : token {
            let (product, isTooLong) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, isTooLarge) = product.addingReportingOverflow(UInt64(byte - 0x30))
            if isTooLong || isTooLarge { return appendRaw(token) }
            magnitude = sum
        }
        if isNegative {
            guard magnitude <= Int64.min.magnitude else { return appendRaw(token) }
            append(Tape.Tag.int64)
            words.append(0 &- magnitude)
        } else {
            append(magnitude <= Int64.max.magnitude ? Tape.Tag.int64 : Tape.Tag.uint64)
            words.append(magnitude)
        }
    }

    private mutating func appendDecimal(_ token: Slice<UnsafeRawBufferPointer>) {
        let begin = beginText()
        strings.append(UnsafeRawBufferPointer(rebasing: token))
        let payload = endText(begin)
        if let double = Double(decimal: UnsafeBufferPointer(start: strings.start + begin, count: token.count)) {
            // The token is of no more use.
            strings.count = begin - 4
            append(Tape.Tag.double)
            words.append(double.bitPattern)
        } else {
            append(Tape.Tag.rawNumber, payload)
        }
    }

    private mutating func appendRaw(_ token: Slice<UnsafeRawBufferPointer>) {
        let begin = beginText()
        strings.append(UnsafeRawBufferPointer(rebasing: token))
        append(Tape.Tag.rawNumber, endText(begin))
    }

    /// Keeps four bytes for the length.
    private mutating func beginText() -> Int {
        strings.reserve(8)
        strings.count += 4
        return strings.count
    }

    /// Writes length and NUL. Returns where the text is.
    private mutating func endText(_ begin: Int) -> UInt64 {
        let length = UInt32(truncatingIfNeeded: strings.count - begin)
        UnsafeMutableRawPointer(strings.start + begin - 4).storeBytes(of: length, as: UInt32.self)
        strings.append(0)
        return UInt64(begin - 4)
    }
}
