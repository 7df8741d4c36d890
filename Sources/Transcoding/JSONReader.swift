internal import Bytes

/// Takes a JSON text (RFC 8259) apart token by token, from front to back. It knows the whole grammar and decodes nothing. The
/// depth is the peer's choice, so it does not recurse.
///
///     while let token = try reader.next() { … text[reader.range] … }
struct JSONReader {
    enum Token {
        case objectBegin, objectEnd, arrayBegin, arrayEnd
        /// With the quotes.
        case key, string
        /// A number with neither fraction nor exponent, and one that has either.
        case integer, decimal
        case `true`, `false`, null
    }

    /// What was read is not JSON.
    struct SyntaxError: Error, Equatable {
        let reason: String
        /// The byte at which the text stops being JSON.
        let offset: Int
    }

    private enum Due {
        case value, keyOrEnd, valueOrEnd, commaOrEnd
    }

    let text: UnsafeRawBufferPointer
    var position: Int
    /// Where the last token stands in the text.
    private(set) var range = 0..<0
    /// Whether the last key or string has a backslash in it.
    var hasEscapes = false
    private var due = Due.value
    /// The containers around the next token, innermost last: true is an object.
    private var containers: [Bool] = []

    init(_ text: UnsafeRawBufferPointer, from position: Int = 0) {
        self.text = text
        self.position = position
    }

    /// How many containers are open.
    var depth: Int { containers.count }

    /// What the last key or string stands for.
    var string: JSONStringBytes {
        guard let start = text.assumingMemoryBound(to: UInt8.self).baseAddress else {
            preconditionFailure("a string has been read")
        }
        return JSONStringBytes(start + range.lowerBound + 1)
    }

    /// The next token, or nil at the end of a text that is one value.
    mutating func next() throws(SyntaxError) -> Token? {
        skipWhitespace()
        switch due {
        case .value: return try readValue()
        case .keyOrEnd: return try current("a key or }") == UInt8(ascii: "}") ? close() : try readKey()
        case .valueOrEnd: return try current("a value or ]") == UInt8(ascii: "]") ? close() : try readValue()
        case .commaOrEnd: return try readNext()
        }
    }

    /// Behind a value: what its container goes on with, or its end, or that of the text.
    private mutating func readNext() throws(SyntaxError) -> Token? {
        guard let isObject = containers.last else {
            guard position == text.count else { throw error("text after the top value") }
            return nil
        }
        let byte = try current(isObject ? "a comma or }" : "a comma or ]")
        if byte == UInt8(ascii: isObject ? "}" : "]") { return close() }
        guard byte == UInt8(ascii: ",") else {
            throw error(isObject ? "neither comma nor } behind a member" : "neither comma nor ] behind an element")
        }
        position += 1
        skipWhitespace()
        return isObject ? try readKey() : try readValue()
    }

    private mutating func readKey() throws(SyntaxError) -> Token {
        guard try current("a key") == UInt8(ascii: "\"") else { throw error("no key") }
        try readString()
        skipWhitespace()
        guard try current("a colon") == UInt8(ascii: ":") else { throw error("no colon behind a key") }
        position += 1
        due = .value
        return .key
    }

    private mutating func readValue() throws(SyntaxError) -> Token {
        due = .commaOrEnd
        switch try current("a value") {
        case UInt8(ascii: "{"): return open(isObject: true)
        case UInt8(ascii: "["): return open(isObject: false)
        case UInt8(ascii: "\""):
            try readString()
            return .string
        case UInt8(ascii: "t"): return try readLiteral("true", .true)
        case UInt8(ascii: "f"): return try readLiteral("false", .false)
        case UInt8(ascii: "n"): return try readLiteral("null", .null)
        default:
            let begin = position
            let token = try readNumber()
            range = begin..<position
            return token
        }
    }

    private mutating func open(isObject: Bool) -> Token {
        containers.append(isObject)
        range = position..<position + 1
        position += 1
        due = isObject ? .keyOrEnd : .valueOrEnd
        return isObject ? .objectBegin : .arrayBegin
    }

    private mutating func close() -> Token {
        let isObject = containers.removeLast()
        range = position..<position + 1
        position += 1
        due = .commaOrEnd
        return isObject ? .objectEnd : .arrayEnd
    }

    private mutating func readString() throws(SyntaxError) {
        let begin = position
        try skipString()
        range = begin..<position
    }

    private mutating func readLiteral(_ name: StaticString, _ token: Token) throws(SyntaxError) -> Token {
        let begin = position
        try skipLiteral(name)
        range = begin..<position
        return token
    }

    mutating func skipLiteral(_ name: StaticString) throws(SyntaxError) {
        let end = position + name.utf8CodeUnitCount
        guard end <= text.count, UnsafeRawBufferPointer(rebasing: text[position..<end]).spells(name) else {
            throw error("no value")
        }
        position = end
    }

    @inline(__always)
    func current(_ expected: StaticString) throws(SyntaxError) -> UInt8 {
        guard position < text.count else { throw error("ends where \(expected) is due") }
        return text[position]
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while position < text.count, text[position] <= UInt8(ascii: " "), text[position].isJSONWhitespace {
            position += 1
        }
    }

    func error(_ reason: String) -> SyntaxError { SyntaxError(reason: reason, offset: position) }
}

extension UInt8 {
    var isJSONWhitespace: Bool {
        switch self {
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): true
        default: false
        }
    }
}
