internal import Bytes

extension JSONReader {
    /// Steps over the text, which must be one object, and calls `body` with the range of each member, from the name's first
    /// quote to the value's last byte.
    mutating func skipObject(_ body: (Range<Int>) -> Void) throws(SyntaxError) {
        skipWhitespace()
        guard position < text.count, text[position] == UInt8(ascii: "{") else { throw error("no object") }
        position += 1
        skipWhitespace()
        if try current("a key or }") == UInt8(ascii: "}") {
            position += 1
        } else {
            repeat {
                let start = position
                try skipKey()
                try skipValue()
                body(start..<position)
            } while try isFollowedByComma()
        }
        skipWhitespace()
        guard position == text.count else { throw error("text after the top value") }
    }

    /// Steps over the comma or the end of an object behind a member.
    @inline(__always)
    private mutating func isFollowedByComma() throws(SyntaxError) -> Bool {
        skipWhitespace()
        let byte = try current("a comma or }")
        guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
            throw error("neither comma nor } behind a member")
        }
        position += 1
        guard byte == UInt8(ascii: ",") else { return false }
        skipWhitespace()
        return true
    }

    @inline(__always)
    private mutating func skipValue() throws(SyntaxError) {
        let byte = try current("a value")
        if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") { return try skipContainer() }
        try skipScalar(byte)
    }

    /// Whatever its depth.
    @inline(never)
    private mutating func skipContainer() throws(SyntaxError) {
        var open = OpenContainers()
        repeat {
            let byte = try current("a value")
            let isObject = byte == UInt8(ascii: "{")
            if isObject || byte == UInt8(ascii: "[") {
                position += 1
                skipWhitespace()
                // The closing bracket is two characters behind the opening one.
                if try current("a value, a key or the end") != byte + 2 {
                    open.append(isObject)
                    if isObject { try skipKey() }
                    continue
                }
                position += 1
            } else {
                try skipScalar(byte)
            }
            if try !endsContainers(&open), open.isInObject { try skipKey() }
        } while !open.isEmpty
    }

    /// Steps over what ends with the last value, and up to what follows the comma. Whether nothing is open.
    @inline(__always)
    private mutating func endsContainers(_ open: inout OpenContainers) throws(SyntaxError) -> Bool {
        while !open.isEmpty {
            skipWhitespace()
            let byte = try current("a comma or the end")
            position += 1
            if byte == UInt8(ascii: ",") {
                skipWhitespace()
                return false
            }
            guard byte == UInt8(ascii: open.isInObject ? "}" : "]") else {
                position -= 1
                throw error("neither comma nor end behind a value")
            }
            open.removeLast()
        }
        return true
    }

    /// Steps over a key, up to its value.
    @inline(__always)
    private mutating func skipKey() throws(SyntaxError) {
        guard try current("a key") == UInt8(ascii: "\"") else { throw error("no key") }
        try skipString()
        skipWhitespace()
        guard try current("a colon") == UInt8(ascii: ":") else { throw error("no colon behind a key") }
        position += 1
        skipWhitespace()
    }

    @inline(__always)
    private mutating func skipScalar(_ byte: UInt8) throws(SyntaxError) {
        switch byte {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "t"): try skipLiteral("true")
        case UInt8(ascii: "f"): try skipLiteral("false")
        case UInt8(ascii: "n"): try skipLiteral("null")
        case UInt8(ascii: "0")...UInt8(ascii: "9") where isFollowedByEnd: position += 1
        default: _ = try readNumber()
        }
    }
}

extension JSONReader {
    /// Whether a value of one character ends here, as many numbers do.
    @inline(__always)
    private var isFollowedByEnd: Bool {
        guard position + 1 < text.count else { return false }
        let next = text[position + 1]
        return next == UInt8(ascii: ",") || next | 0x20 == UInt8(ascii: "}")
    }
}

/// The containers around a value, innermost last: an object is 1. Those that few texts have more of are in an array.
private struct OpenContainers {
    private var last: UInt64 = 0
    private var count = 0
    private var others: [UInt64] = []

    var isEmpty: Bool { count == 0 }
    /// Not if it is empty.
    var isInObject: Bool { last & 1 != 0 }

    @inline(__always)
    mutating func append(_ isObject: Bool) {
        if count > 0 && count % 64 == 0 { others.append(last) }
        last = last &<< 1 | (isObject ? 1 : 0)
        count += 1
    }

    @inline(__always)
    mutating func removeLast() {
        count -= 1
        last &>>= 1
        if count > 0 && count % 64 == 0 { last = others.removeLast() }
    }
}
