/// A parsed JSON text as simdjson lays it out (its doc/tape.md), one 64-bit word a value:
///
///     bits 63-56: tag        bits 55-0: payload
///     `{` `[`                index of the word behind the matching `}` `]` (low 32 bits)
///     `}` `]`                index of the matching `{` `[`
///     `"`                    offset into `strings`: length (u32, native), UTF-8 bytes, NUL; a key stands before its value
///     `l` `u` `d`            nothing; the next word is an Int64, a UInt64, a Double
///     `t` `f` `n`            nothing
///     `r`                    the first word, before the top value
///
/// The strict parser, which reads what simdjson refuses, uses two more tags with the payload of `"`:
///
///     `N`                    a number as its token: an integer beyond 64 bits, a decimal that a Double makes infinite or 0
///     `S`                    a string that protobuf cannot carry: holds U+0000, or lone surrogates (three bytes each)
///
/// Up to 16 bytes behind the last string are readable.
struct Tape {
    enum Tag {
        static let object = UInt8(ascii: "{")
        static let objectEnd = UInt8(ascii: "}")
        static let array = UInt8(ascii: "[")
        static let arrayEnd = UInt8(ascii: "]")
        static let string = UInt8(ascii: "\"")
        static let rawString = UInt8(ascii: "S")
        static let int64 = UInt8(ascii: "l")
        static let uint64 = UInt8(ascii: "u")
        static let double = UInt8(ascii: "d")
        static let rawNumber = UInt8(ascii: "N")
        static let `true` = UInt8(ascii: "t")
        static let `false` = UInt8(ascii: "f")
        static let null = UInt8(ascii: "n")
        static let root = UInt8(ascii: "r")
    }

    /// The top value's word.
    static let top = 1

    let words: UnsafePointer<UInt64>
    let strings: UnsafePointer<UInt8>

    static func word(_ tag: UInt8, _ payload: UInt64) -> UInt64 { UInt64(tag) << 56 | payload }

    @inline(__always)
    func tag(at index: Int) -> UInt8 { UInt8(truncatingIfNeeded: words[index] &>> 56) }

    func payload(at index: Int) -> UInt64 { words[index] & 0x00ff_ffff_ffff_ffff }

    /// The index behind the container that opens at `index`.
    @inline(__always)
    func end(at index: Int) -> Int { Int(UInt32(truncatingIfNeeded: words[index])) }

    /// The index behind the value at `index`.
    @inline(__always)
    func next(after index: Int) -> Int {
        switch tag(at: index) {
        case Tag.object, Tag.array: end(at: index)
        case Tag.int64, Tag.uint64, Tag.double: index &+ 2
        default: index &+ 1
        }
    }

    /// The bytes of the string, the key or the token at `index`.
    @inline(__always)
    func bytes(at index: Int) -> UnsafeBufferPointer<UInt8> {
        // No text is long enough for an offset of more than 32 bits.
        let start = strings + Int(UInt32(truncatingIfNeeded: words[index]))
        let length = UnsafeRawPointer(start).loadUnaligned(as: UInt32.self)
        return UnsafeBufferPointer(start: start + 4, count: Int(length))
    }

    @inline(__always)
    func int64(at index: Int) -> Int64 { Int64(bitPattern: words[index &+ 1]) }

    @inline(__always)
    func uint64(at index: Int) -> UInt64 { words[index &+ 1] }

    @inline(__always)
    func double(at index: Int) -> Double { Double(bitPattern: words[index &+ 1]) }
}
