internal import Glibc

/// The name of a JSON member, by its unescaped bytes.
struct MemberName: Hashable {
    /// Up to this many, comparing each with each is cheaper than hashing; beyond, it would be a way to keep us busy.
    static let fewCount = 16

    let bytes: UnsafeBufferPointer<UInt8>

    static func == (one: MemberName, other: MemberName) -> Bool {
        guard one.bytes.count == other.bytes.count else { return false }
        guard let start = one.bytes.baseAddress, let otherStart = other.bytes.baseAddress else { return true }
        return memcmp(start, otherStart, one.bytes.count) == 0
    }

    func hash(into hasher: inout Hasher) { hasher.combine(bytes: UnsafeRawBufferPointer(bytes)) }
}
