internal import Bytes

/// A JSON text and where its tokens begin, as simdjson's first stage finds them. The first token is `{`, the last is `}`, and a
/// 0 stands behind it: who takes one token after the other and checks each meets `{` there at the latest.
///
/// A string goes on up to the last byte before the next token that is not whitespace, which is its closing quote.
struct IndexedText {
    /// `padding` bytes behind it are readable.
    let start: UnsafePointer<UInt8>
    let tokens: UnsafePointer<UInt32>

    /// Something is no JSON, or so seldom that only the strict parser knows it.
    struct Doubt: Error {}

    @inline(__always)
    func place(of token: Int) -> UnsafePointer<UInt8> { start + Int(tokens[token]) }

    /// The first byte of a token.
    @inline(__always)
    func byte(_ token: Int) -> UInt8 { place(of: token).pointee }

    @inline(__always)
    func `is`(_ token: Int, _ character: Unicode.Scalar) -> Bool { byte(token) == UInt8(ascii: character) }

    @inline(__always)
    func demand(_ token: Int, _ character: Unicode.Scalar) throws(Doubt) {
        if byte(token) != UInt8(ascii: character) { throw Doubt() }
    }

    /// What stands between the quotes of a string.
    @inline(__always)
    func string(at token: Int) -> UnsafeBufferPointer<UInt8> {
        let begin = place(of: token) + 1
        var end = place(of: token &+ 1) - 1
        while end.pointee != UInt8(ascii: "\"") { end -= 1 }
        return UnsafeBufferPointer(start: begin, count: end - begin)
    }

    /// The same as it stands in a key, which a colon has to follow.
    @inline(__always)
    func key(at token: Int) throws(Doubt) -> UnsafeBufferPointer<UInt8> {
        guard self.is(token, "\""), self.is(token &+ 1, ":") else { throw Doubt() }
        return string(at: token)
    }

    /// Nothing but whitespace stands between `end` and the token.
    @inline(__always)
    func demandEnd(_ end: UnsafePointer<UInt8>, before token: Int) throws(Doubt) {
        if end != place(of: token) && !end.pointee.isJSONWhitespace { throw Doubt() }
    }

    /// The value of a token that is `true` or `false`, or nil.
    @inline(__always)
    func bool(at token: Int) throws(Doubt) -> Bool? {
        let place = place(of: token)
        let word = UnsafeRawPointer(place).loadUnaligned(as: UInt32.self)
        if word == Self.word("true") {
            try demandEnd(place + 4, before: token &+ 1)
            return true
        }
        guard word == Self.word("fals") && place[4] == UInt8(ascii: "e") else { return nil }
        try demandEnd(place + 5, before: token &+ 1)
        return false
    }

    @inline(__always)
    func demandNull(at token: Int) throws(Doubt) {
        let place = place(of: token)
        guard UnsafeRawPointer(place).loadUnaligned(as: UInt32.self) == Self.word("null") else { throw Doubt() }
        try demandEnd(place + 4, before: token &+ 1)
    }

    /// Four characters as they are loaded from memory.
    @inline(__always)
    static func word(_ text: StaticString) -> UInt32 {
        UnsafeRawPointer(text.utf8Start).loadUnaligned(as: UInt32.self)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether a backslash is among the bytes, behind which seven more must be readable.
    @inline(__always)
    var hasBackslash: Bool {
        guard let start = UnsafeRawPointer(baseAddress) else { return false }
        var index = 0
        while index &+ 8 <= count {
            let word = start.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
            if word.bytes(equalTo: UInt8(ascii: "\\")) != 0 { return true }
            index &+= 8
        }
        let word = start.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
        let rest = UInt64(truncatingIfNeeded: 8 &* (count &- index))
        return word.bytes(equalTo: UInt8(ascii: "\\")) & ((1 &<< rest) &- 1) != 0
    }
}
