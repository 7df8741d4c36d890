/// The hash of a JSON member's name, by what the name stands for.
struct NameHash {
    /// What nobody outside of the process knows, so that nobody can choose names that have the same hash.
    struct Secrets {
        static let ofProcess = Secrets()

        fileprivate let first = UInt64.random(in: .min ... .max)
        fileprivate let second = UInt64.random(in: .min ... .max)
    }

    private let value: UInt64

    /// Where in a table, and ten bits more.
    var place: Int { Int(truncatingIfNeeded: value) & Int.max }
    var tag: UInt32 { UInt32(truncatingIfNeeded: value &>> 54) }

    @inline(__always)
    init(of name: UnsafeRawBufferPointer, _ secrets: Secrets) {
        guard let start = name.baseAddress, name.count <= 16 else {
            value = Self.long(name)
            return
        }
        let (first, last) = Self.halves(start, name.count)
        let one = first ^ secrets.first
        let product = one.multipliedFullWidth(by: last ^ secrets.second &+ UInt64(truncatingIfNeeded: name.count))
        value = product.high ^ product.low
    }

    /// - Parameter text: the name as a text has it, up to its closing quote.
    @inline(__always)
    init(ofText text: UnsafePointer<UInt8>, _ secrets: Secrets) {
        var end = text
        while end.pointee != UInt8(ascii: "\"") && end.pointee != UInt8(ascii: "\\") { end += 1 }
        if end.pointee == UInt8(ascii: "\"") {
            self.init(of: UnsafeRawBufferPointer(start: text, count: end - text), secrets)
        } else {
            let name = Array(IteratorSequence(JSONStringBytes(text)))
            self = name.withUnsafeBytes { NameHash(of: $0, secrets) }
        }
    }

    @inline(never)
    private static func long(_ name: UnsafeRawBufferPointer) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(bytes: name)
        return UInt64(truncatingIfNeeded: hasher.finalize())
    }

    /// The first half of the bytes and the last, which overlap if there are fewer than sixteen.
    @inline(__always)
    private static func halves(_ start: UnsafeRawPointer, _ count: Int) -> (UInt64, UInt64) {
        func load<Word: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _: Word.Type) -> UInt64 {
            UInt64(truncatingIfNeeded: start.loadUnaligned(fromByteOffset: offset, as: Word.self))
        }
        if count >= 8 { return (load(0, UInt64.self), load(count - 8, UInt64.self)) }
        if count >= 4 { return (load(0, UInt32.self), load(count - 4, UInt32.self)) }
        if count == 0 { return (0, 0) }
        return (load(0, UInt8.self), load(count / 2, UInt8.self) &<< 8 | load(count - 1, UInt8.self))
    }
}
