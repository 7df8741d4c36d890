/// The hash of a JSON member's name, by what the name stands for.
struct NameHash: BitwiseCopyable {
    /// What nobody outside of the process knows, so that nobody can choose names that have the same hash.
    struct Secrets {
        static let ofProcess = Secrets()

        fileprivate let first = UInt64.random(in: .min ... .max)
        fileprivate let second = UInt64.random(in: .min ... .max)
    }

    private let value: UInt32

    /// How many of the highest bits are the tag.
    static let tagBits: UInt32 = 10
    /// Where in a table.
    var place: Int { Int(truncatingIfNeeded: value) }
    /// The highest bits alone; the others are 0.
    var tag: UInt32 { value & ~(~0 &>> Self.tagBits) }

    @inline(__always)
    init(of name: UnsafeRawBufferPointer, _ secrets: Secrets) {
        if let start = name.baseAddress, name.count <= 16 {
            let (first, last) = Self.ends(start, name.count)
            self.init(first, last, name.count, secrets)
        } else {
            self.init(long: name)
        }
    }

    /// The hash of a member's name as `text` has it.
    @inline(__always)
    init(of member: JSONReader.Member, in text: UnsafeRawBufferPointer, _ secrets: Secrets) {
        let start = text.baseAddress.map { $0 + member.range.lowerBound + 1 }
        if member.nameHasEscapes, let start {
            self.init(of: JSONStringBytes(start.assumingMemoryBound(to: UInt8.self)), secrets)
        } else {
            self.init(of: UnsafeRawBufferPointer(start: start, count: member.nameCount), secrets)
        }
    }

    @inline(never)
    private init(of string: JSONStringBytes, _ secrets: Secrets) {
        var (first, last, count): (UInt64, UInt64, Int) = (0, 0, 0)
        var bytes = string
        while let byte = bytes.next() {
            guard count < 16 else {
                let name = Array(IteratorSequence(string))
                self = name.withUnsafeBytes { NameHash(long: $0) }
                return
            }
            if count < 8 { first |= UInt64(byte) &<< (8 &* UInt64(truncatingIfNeeded: count)) }
            last = last &>> 8 | UInt64(byte) &<< 56
            count &+= 1
        }
        self.init(first, count < 8 ? first : last, count, secrets)
    }

    @inline(__always)
    private init(_ first: UInt64, _ last: UInt64, _ count: Int, _ secrets: Secrets) {
        let one = first ^ secrets.first
        let product = one.multipliedFullWidth(by: last ^ secrets.second &+ UInt64(truncatingIfNeeded: count))
        value = UInt32(truncatingIfNeeded: product.high ^ product.low)
    }

    @inline(never)
    private init(long name: UnsafeRawBufferPointer) {
        var hasher = Hasher()
        hasher.combine(bytes: name)
        value = UInt32(truncatingIfNeeded: hasher.finalize())
    }

    /// The first eight bytes and the last; of a shorter name, twice all of it.
    @inline(__always)
    private static func ends(_ start: UnsafeRawPointer, _ count: Int) -> (UInt64, UInt64) {
        func load<Word: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _: Word.Type) -> UInt64 {
            UInt64(truncatingIfNeeded: start.loadUnaligned(fromByteOffset: offset, as: Word.self).littleEndian)
        }
        func shift(_ offset: Int) -> UInt64 { UInt64(truncatingIfNeeded: 8 &* offset) }
        if count >= 8 { return (load(0, UInt64.self), load(count - 8, UInt64.self)) }
        var all: UInt64 = 0
        if count >= 4 {
            all = load(0, UInt32.self) | load(count - 4, UInt32.self) &<< shift(count - 4)
        } else if count > 0 {
            let middle = load(count / 2, UInt8.self) &<< shift(count / 2)
            all = load(0, UInt8.self) | middle | load(count - 1, UInt8.self) &<< shift(count - 1)
        }
        return (all, all)
    }
}
