/// What stands for each byte of a text between the quotes of a JSON string, to be looked up.
struct EscapeEntries {
    /// 256 words, which are there for good.
    private let entries: UnsafePointer<UInt64>

    /// - Parameter entry: what stands for a byte, in a word that is stored whole, and how long it is in the highest byte.
    init(_ entry: (UInt8) -> UInt64) {
        let entries = UnsafeMutablePointer<UInt64>.allocate(capacity: 256)
        for byte in UInt8.min...UInt8.max { entries[Int(byte)] = entry(byte) }
        self.entries = UnsafePointer(entries)
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
