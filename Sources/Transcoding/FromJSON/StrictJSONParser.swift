internal import Bytes
internal import Glibc

/// Reads every JSON text that RFC 8259 allows onto a tape, also what simdjson refuses: integers beyond 64 bits, decimals out
/// of range, lone surrogates, any depth. Several times slower than simdjson; says what is wrong with a text, and where.
struct StrictJSONParser: ~Copyable {
    let text: UnsafeBufferPointer<UInt8>
    var position: Int
    private var words = GrowingBuffer<UInt64>(capacity: 512)
    var strings = ByteBuffer(capacity: 4096)
    /// The index of the innermost open container, 0 outside of all. Until it is closed, the payload of a container's word
    /// is the index of the container around it: a stack that needs no memory, because the depth is the peer's choice.
    private var open = 0

    init(text: UnsafeBufferPointer<UInt8>, from position: Int) {
        self.text = text
        self.position = position
    }

    /// Lives as long as the parser.
    var tape: Tape {
        Tape(words: words.start, strings: strings.start)
    }

    mutating func parse() throws(JSONTranscodingError) {
        append(Tape.Tag.root)
        skipWhitespace()
        var isComplete = false
        while !isComplete {
            if try beginValue() { isComplete = try endValues() }
        }
        guard position == text.count else { throw error("text after the top value") }
        // Strings are read in pieces of 16 bytes.
        strings.reserve(16)
    }

    /// Reads a scalar or an empty container, or opens a container and stands before its first value. Whether the value is
    /// complete.
    private mutating func beginValue() throws(JSONTranscodingError) -> Bool {
        switch try current("a value") {
        case UInt8(ascii: "{"):
            openContainer(Tape.Tag.object)
            guard try current("a key or }") != UInt8(ascii: "}") else { return true }
            try key()
            return false
        case UInt8(ascii: "["):
            openContainer(Tape.Tag.array)
            return try current("a value or ]") == UInt8(ascii: "]")
        case UInt8(ascii: "\""): append(try string())
        case UInt8(ascii: "t"): try literal("true", Tape.Tag.true)
        case UInt8(ascii: "f"): try literal("false", Tape.Tag.false)
        case UInt8(ascii: "n"): try literal("null", Tape.Tag.null)
        default: try number()
        }
        skipWhitespace()
        return true
    }

    /// Closes every container that ends here; then stands before the next value, or at the end. Whether it is the end.
    private mutating func endValues() throws(JSONTranscodingError) -> Bool {
        while open != 0 {
            let isObject = tape.tag(at: open) == Tape.Tag.object
            let byte = try current(isObject ? "a comma or }" : "a comma or ]")
            if byte == UInt8(ascii: isObject ? "}" : "]") {
                closeContainer(isObject ? Tape.Tag.objectEnd : Tape.Tag.arrayEnd)
            } else if byte == UInt8(ascii: ",") {
                position += 1
                skipWhitespace()
                if isObject { try key() }
                return false
            } else {
                throw error(isObject ? "neither comma nor } behind a member" : "neither comma nor ] behind an element")
            }
        }
        return true
    }

    private mutating func openContainer(_ tag: UInt8) {
        let around = open
        open = words.count
        append(tag, UInt64(around))
        position += 1
        skipWhitespace()
    }

    private mutating func closeContainer(_ tag: UInt8) {
        let around = words[open] & 0x00ff_ffff_ffff_ffff
        append(tag, UInt64(open))
        words[open] = UInt64(Tape.Tag.objectEnd == tag ? Tape.Tag.object : Tape.Tag.array) << 56 | UInt64(words.count)
        open = Int(around)
        position += 1
        skipWhitespace()
    }

    private mutating func key() throws(JSONTranscodingError) {
        guard try current("a key") == UInt8(ascii: "\"") else { throw error("no key") }
        append(try string())
        skipWhitespace()
        guard try current("a colon") == UInt8(ascii: ":") else { throw error("no colon behind a key") }
        position += 1
        skipWhitespace()
    }

    private mutating func literal(_ name: StaticString, _ tag: UInt8) throws(JSONTranscodingError) {
        let length = name.utf8CodeUnitCount
        guard position + length <= text.count, let start = text.baseAddress,
            memcmp(start + position, name.utf8Start, length) == 0
        else { throw error("no value") }
        position += length
        append(tag)
    }

    mutating func append(_ word: (tag: UInt8, payload: UInt64)) { append(word.tag, word.payload) }

    mutating func append(_ tag: UInt8, _ payload: UInt64 = 0) { append(word: UInt64(tag) << 56 | payload) }

    mutating func append(word: UInt64) { words.append(word) }

    func current(_ expected: StaticString) throws(JSONTranscodingError) -> UInt8 {
        guard position < text.count else { throw error("ends where \(expected) is due") }
        return text[position]
    }

    private mutating func skipWhitespace() {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x0a, 0x0d, 0x09: position += 1
            default: return
            }
        }
    }

    func error(_ reason: String) -> JSONTranscodingError { .notJSON(reason: reason, offset: position) }
}
