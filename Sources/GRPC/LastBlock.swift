internal import Bytes
internal import Glibc

/// The header block that came last on a connection, if the same bytes mean the same fields again: those need not be decoded.
///
/// HPACK (RFC 7541) decodes a block with the help of a table, which some fields change. A block without such a field is
/// decoded alike until another one comes.
struct LastBlock: ~Copyable {
    /// Not allocated until there is something to remember.
    private var bytes = ByteBuffer(capacity: 0)

    func equals(_ block: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == block.count, let start = block.baseAddress, bytes.count > 0 else { return false }
        return memcmp(bytes.start, start, block.count) == 0
    }

    mutating func forget() { bytes.count = 0 }

    /// Remembers a block that has been decoded.
    mutating func remember(_ block: UnsafeRawBufferPointer) {
        forget()
        if Self.leavesTable(block) { bytes.append(block) }
    }

    /// Whether nothing in a block changes the table: what each field begins with says so (RFC 7541, section 6).
    ///
    ///     1xxxxxxx  an indexed field
    ///     01xxxxxx  a literal that becomes a part of the table
    ///     001xxxxx  the table's size
    ///     000xxxxx  a literal that does not; xxxx is the index of its name, or 0 if that is a literal too
    static func leavesTable(_ block: UnsafeRawBufferPointer) -> Bool {
        var rest = block
        while let first = rest.first {
            if first & 0x80 != 0 {
                _ = removeInteger(from: &rest, prefix: 7)
            } else if first & 0x60 != 0 {
                return false
            } else {
                if removeInteger(from: &rest, prefix: 4) == 0 { removeString(from: &rest) }
                removeString(from: &rest)
            }
        }
        return true
    }

    private static func removeString(from rest: inout UnsafeRawBufferPointer) {
        let length = removeInteger(from: &rest, prefix: 7)
        _ = rest.removePrefix(atMost: length)
    }

    /// RFC 7541, section 5.1.
    private static func removeInteger(from rest: inout UnsafeRawBufferPointer, prefix: Int) -> Int {
        let most = 1 << prefix - 1
        guard let first = rest.removePrefix(atMost: 1).first else { return 0 }
        var value = Int(first) & most
        guard value == most else { return value }
        var shift = 0
        while let byte = rest.removePrefix(atMost: 1).first {
            // What is longer is longer than any block.
            if shift < 28 { value += Int(byte & 0x7F) << shift }
            shift += 7
            if byte & 0x80 == 0 { break }
        }
        return value
    }
}
