/// A member's name as it stands in a text without whitespace, `"name":`, to be compared in one go.
struct MemberKey: BitwiseCopyable {
    /// Its bytes, and all bits of its bytes, as they are loaded from memory.
    private let low, high: UInt64
    private let lowMask, highMask: UInt64

    /// What begins nowhere in UTF-8.
    static let none = MemberKey(bytes: [UInt8](repeating: 0xff, count: 16))

    /// Names that are too long, or of more than letters, digits and underscores, are `none`.
    init(_ name: String) {
        let bytes = [UInt8](#""\#(name)":"#.utf8)
        let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        self = bytes.count <= 16 && isPlain ? MemberKey(bytes: bytes) : .none
    }

    private init(bytes: [UInt8]) {
        func word(_ from: Int, _ value: (UInt8) -> UInt8) -> UInt64 {
            let bytes = (from..<from + 8).map { $0 < bytes.count ? value(bytes[$0]) : 0 }
            return bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        }
        (low, high) = (word(0) { $0 }, word(8) { $0 })
        (lowMask, highMask) = (word(0) { _ in 0xff }, word(8) { _ in 0xff })
    }

    /// Whether it stands at `text`, of which sixteen bytes must be readable.
    @inline(__always)
    func begins(at text: UnsafePointer<UInt8>) -> Bool {
        let text = UnsafeRawPointer(text)
        let one = text.loadUnaligned(as: UInt64.self) ^ low
        let other = text.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ high
        return (one & lowMask) | (other & highMask) == 0
    }
}
