internal import Bytes
internal import Glibc

/// The last short object of a text and what was made of it: nearly every object of an answer has a `schema`, and all of those
/// are the same.
struct ShortObject: ~Copyable {
    /// Longer ones are not remembered, nor those whose messages are longer.
    private static let limit = 64

    /// Which message it is; none if nothing is remembered.
    private var table: UnsafePointer<MessageTable>?
    private var text = ByteBuffer(capacity: limit)
    private var message = ByteBuffer(capacity: limit)

    var textCount: Int { text.count }

    /// Whether it is what begins at `start`, in a text that ends at `end`.
    @inline(__always)
    func begins(
        at start: UnsafePointer<UInt8>,
        before end: UnsafePointer<UInt8>,
        as table: UnsafePointer<MessageTable>
    ) -> Bool {
        self.table == table && end - start >= text.count && memcmp(start, text.start, text.count) == 0
    }

    /// Appends its message as a field.
    @inline(__always)
    func append(_ tag: PackedTag, to output: inout ByteBuffer) {
        output.write(room: 16 + Self.limit) {
            $0.put(tag)
            $0.put(UInt8(truncatingIfNeeded: message.count))
            $0.put(message.start, count: message.count, reading: Self.limit)
        }
    }

    @inline(__always)
    mutating func remember(
        _ text: UnsafeRawBufferPointer,
        as table: UnsafePointer<MessageTable>,
        _ message: UnsafeRawBufferPointer
    ) {
        guard text.count <= Self.limit, message.count <= Self.limit else { return }
        forget()
        self.table = table
        self.text.append(text)
        self.message.append(message)
    }

    mutating func forget() {
        table = nil
        text.count = 0
        message.count = 0
    }
}
