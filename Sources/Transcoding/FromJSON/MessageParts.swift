internal import Bytes

/// Gathers fields of a message until there are enough of them for one that is emitted.
struct MessageParts: ~Copyable {
    private let firstSize: Int
    private let size: Int
    private var part = ByteBuffer(capacity: 0)
    private(set) var hasEmitted = false

    /// - Parameters:
    ///   - firstSize: how many bytes are enough for the first message.
    ///   - size: the same for the others.
    init(firstSize: Int, size: Int) {
        self.firstSize = min(firstSize, size)
        self.size = min(size, JSONTranscoder.maximumMessage)
    }

    var byteCount: Int { part.count }

    /// How many bytes are enough for the next message.
    var dueSize: Int { hasEmitted ? size : firstSize }

    /// Appends a field that has a message in it.
    mutating func append(
        _ tag: PackedTag,
        _ message: UnsafeRawBufferPointer,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        try makeRoom(tag.count + Varint.length(of: UInt64(message.count)) + message.count, emit)
        part.append(tag, varint: UInt64(message.count))
        part.append(message)
        if part.count >= dueSize { flush(emit) }
    }

    mutating func append(
        _ fields: UnsafeRawBufferPointer,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        try makeRoom(fields.count, emit)
        part.append(fields)
        if part.count >= dueSize { flush(emit) }
    }

    private mutating func makeRoom(
        _ count: Int,
        _ emit: (UnsafeRawBufferPointer) -> Void
    ) throws(JSONTranscodingError) {
        let limit = JSONTranscoder.maximumMessage
        guard count <= limit else { throw .messageTooLarge(limit: limit) }
        if part.count + count > limit { flush(emit) }
    }

    /// Emits what there is.
    mutating func flush(_ emit: (UnsafeRawBufferPointer) -> Void) {
        emit(part.bytes)
        part.reset(keeping: 2 * size)
        hasEmitted = true
    }

    /// Forgets what there is.
    mutating func clear() { part.count = 0 }
}
