/// Walks over strict JSON (RFC 8259) in a C string of UTF-8, without recursion and without decoding anything.
///
/// The NUL at the end is no legal byte anywhere in JSON, so that every step forward ends there at the latest.
struct JSONScanner {
    /// What was read is not JSON.
    struct SyntaxError: Error, Equatable {
        /// The first byte that cannot be.
        let offset: Int
    }

    private let text: UnsafePointer<UInt8>
    private var offset = 0
    /// The containers around the current byte, innermost last: true is an object.
    private var containers: [Bool] = []

    init(_ text: UnsafePointer<UInt8>) {
        self.text = text
    }

    /// Steps over a text that is one object and calls `body` with the range of each member, from the name's first
    /// quote to the value's last byte.
    mutating func scanObject(_ body: (Range<Int>) -> Void) throws(SyntaxError) {
        skipWhitespace()
        try expect("{")
        skipWhitespace()
        if !skip("}") {
            repeat {
                skipWhitespace()
                let start = offset
                try skipName()
                try skipValue()
                body(start..<offset)
                skipWhitespace()
            } while skip(",")
            try expect("}")
        }
        skipWhitespace()
        guard text[offset] == 0 else { throw SyntaxError(offset: offset) }
    }

    /// Steps over a value of any depth.
    private mutating func skipValue() throws(SyntaxError) {
        repeat {
            if try skipOpening() { continue }
            try skipClosings()
        } while !containers.isEmpty
    }

    /// Steps over a scalar or an empty container, or into a container; true if it has gone into one.
    private mutating func skipOpening() throws(SyntaxError) -> Bool {
        switch text[offset] {
        case UInt8(ascii: "{"):
            offset += 1
            skipWhitespace()
            if skip("}") { return false }
            containers.append(true)
            try skipName()
            return true
        case UInt8(ascii: "["):
            offset += 1
            skipWhitespace()
            if skip("]") { return false }
            containers.append(false)
            return true
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "t"): try skipLiteral("true")
        case UInt8(ascii: "f"): try skipLiteral("false")
        case UInt8(ascii: "n"): try skipLiteral("null")
        default: try skipNumber()
        }
        return false
    }

    /// Behind a value: steps to the next value, over the ends of the containers in between.
    private mutating func skipClosings() throws(SyntaxError) {
        while let isObject = containers.last {
            skipWhitespace()
            if skip(",") {
                skipWhitespace()
                if isObject { try skipName() }
                return
            }
            try expect(isObject ? "}" : "]")
            containers.removeLast()
        }
    }

    /// Steps over a member's name to its value.
    private mutating func skipName() throws(SyntaxError) {
        try skipString()
        skipWhitespace()
        try expect(":")
        skipWhitespace()
    }

    private mutating func skipString() throws(SyntaxError) {
        try expect("\"")
        while !skip("\"") {
            guard text[offset] >= 0x20 else { throw SyntaxError(offset: offset) }
            if skip("\\") {
                try skipEscape()
            } else {
                offset += 1
            }
        }
    }

    private mutating func skipLiteral(_ literal: String) throws(SyntaxError) {
        for byte in literal.unicodeScalars { try expect(byte) }
    }

    private mutating func skipNumber() throws(SyntaxError) {
        _ = skip("-")
        if !skip("0") { try skipDigits() }
        if skip(".") { try skipDigits() }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            try skipDigits()
        }
    }

    private mutating func skipDigits() throws(SyntaxError) {
        guard 0x30...0x39 ~= text[offset] else { throw SyntaxError(offset: offset) }
        while 0x30...0x39 ~= text[offset] { offset += 1 }
    }

    private mutating func skipEscape() throws(SyntaxError) {
        switch text[offset] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            offset += 1
        case UInt8(ascii: "u"):
            offset += 1
            for _ in 0..<4 {
                guard UInt32(hexDigit: text[offset]) != nil else { throw SyntaxError(offset: offset) }
                offset += 1
            }
        default:
            throw SyntaxError(offset: offset)
        }
    }

    private mutating func skipWhitespace() {
        while true {
            switch text[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    /// Steps over `byte` if it is the next one.
    private mutating func skip(_ byte: Unicode.Scalar) -> Bool {
        guard text[offset] == UInt8(ascii: byte) else { return false }
        offset += 1
        return true
    }

    private mutating func expect(_ byte: Unicode.Scalar) throws(SyntaxError) {
        guard skip(byte) else { throw SyntaxError(offset: offset) }
    }
}
