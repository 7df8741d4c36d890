internal import Bytes

extension JSONReader {
    /// Where a member of an object stands in the text.
    struct Member {
        /// From the name's first quote to the value's last byte.
        let range: Range<Int>
        /// Of the name, between its quotes.
        let nameCount: Int
        let nameHasEscapes: Bool
    }

    /// Steps over the text, which must be one object, and calls `body` with each member.
    @inline(__always)
    mutating func skipObject(_ body: (Member) -> Void) throws(SyntaxError) {
        skipWhitespace()
        guard position < text.count, text[position] == UInt8(ascii: "{") else { throw error("no object") }
        position += 1
        skipWhitespace()
        if try current("a key or }") == UInt8(ascii: "}") {
            position += 1
        } else {
            repeat {
                skipTinyMembers(body)
                let start = position
                let nameCount = try skipKey()
                let hasEscapes = hasEscapes
                try skipValue()
                body(Member(range: start..<position, nameCount: nameCount, nameHasEscapes: hasEscapes))
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

    /// Steps over a key, up to its value. Returns how many bytes are between its quotes.
    @inline(__always)
    @discardableResult
    private mutating func skipKey() throws(SyntaxError) -> Int {
        guard try current("a key") == UInt8(ascii: "\"") else { throw error("no key") }
        let start = position
        try skipString()
        let count = position - start - 2
        skipWhitespace()
        guard try current("a colon") == UInt8(ascii: ":") else { throw error("no colon behind a key") }
        position += 1
        skipWhitespace()
        return count
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
    /// Steps over members up to the first that is not of the shortest, or the last: nobody can send more of others.
    @inline(__always)
    private mutating func skipTinyMembers(_ body: (Member) -> Void) {
        guard let start = text.baseAddress else { return }
        var place = start + position
        // What is looked at of a member is not longer.
        let last = start + text.count - 24
        members: while place <= last, place.load(as: UInt8.self) == UInt8(ascii: "\"") {
            let nameCount = Self.plainCount(place + 1)
            let colon = place + nameCount + 2
            guard colon.loadUnaligned(fromByteOffset: -1, as: UInt16.self).littleEndian == 0x3A22 else { break }
            var end = colon + 2
            switch colon.load(fromByteOffset: 1, as: UInt8.self) {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): break
            case UInt8(ascii: "\""):
                end += Self.plainCount(end) + 1
                guard end.load(fromByteOffset: -1, as: UInt8.self) == UInt8(ascii: "\"") else { break members }
            default: break members
            }
            guard end.load(as: UInt8.self) == UInt8(ascii: ",") else { break }
            body(Member(range: place - start..<end - start, nameCount: nameCount, nameHasEscapes: false))
            place = end + 1
        }
        position = place - start
        skipWhitespace()
    }

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
