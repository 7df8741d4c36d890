/// What stands for each byte of a text between the quotes of a JSON string, to be looked up: see `JSONEscapes.entry`.
struct EscapeEntries {
    private static let letters = EscapeEntries(.letters)
    private static let numbers = EscapeEntries(.numbers)

    /// 256 words, which are there for good.
    private let entries: UnsafePointer<UInt64>

    private init(_ style: JSONEscapes.Style) {
        let entries = UnsafeMutablePointer<UInt64>.allocate(capacity: 256)
        for byte in UInt8.min...UInt8.max { entries[Int(byte)] = JSONEscapes.entry(of: byte, style) }
        self.entries = UnsafePointer(entries)
    }

    static func of(_ style: JSONEscapes.Style) -> EscapeEntries {
        switch style {
        case .letters: letters
        case .numbers: numbers
        }
    }

    @inline(__always)
    func length(of byte: UInt8) -> Int { Int(truncatingIfNeeded: entries[Int(byte)] &>> 56) }

    /// Of eight bytes together.
    @inline(__always)
    func length(of word: UInt64) -> Int {
        var length = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            length &+= self.length(of: UInt8(truncatingIfNeeded: word &>> shift))
        }
        return length
    }

    /// Writes what stands for eight bytes. The last of them may store seven bytes too many.
    @inline(__always)
    func write(_ word: UInt64, _ position: inout UnsafeMutableRawPointer) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            let entry = entries[Int(UInt8(truncatingIfNeeded: word &>> shift))]
            position.storeBytes(of: entry.littleEndian, as: UInt64.self)
            position += Int(truncatingIfNeeded: entry &>> 56)
        }
    }
}

/// What it leads to never changes.
extension EscapeEntries: @unchecked Sendable {}
