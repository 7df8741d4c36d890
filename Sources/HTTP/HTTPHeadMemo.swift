internal import Bytes
internal import Glibc

/// The head of the last answer. A server mostly says the same again, but for the date now and then: bytes that are those of the
/// head before need not be read anew.
struct HTTPHeadMemo: ~Copyable {
    /// Longer ones are not remembered.
    private static let longest = 1024

    private var bytes = ByteBuffer(capacity: 0)
    /// What they say.
    private(set) var head = HTTPResponseHead()

    /// Bytes of the head, if it is what `unread` begins with.
    func length(in unread: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count > 0, unread.count >= bytes.count, let start = unread.baseAddress else { return nil }
        return memcmp(start, bytes.start, bytes.count) == 0 ? bytes.count : nil
    }

    mutating func remember(_ head: HTTPResponseHead, _ bytes: UnsafeRawBufferPointer) {
        self.bytes.count = 0
        guard bytes.count <= Self.longest else { return }
        self.bytes.append(bytes)
        self.head = head
    }
}
