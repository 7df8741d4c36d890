internal import Bytes

/// Cuts the DATA of one request into messages, each behind five bytes:
///
///     0       1              5
///     +-------+--------------+----
///     | flag  | length       | message
///     +-------+--------------+----
struct MessageReader: ~Copyable {
    static let prefixLength = 5
    /// What may be kept of memory between requests.
    static let keptCapacity = 512

    enum Step {
        /// All that has come is part of a message.
        case incomplete
        /// A message, lent until the next call and no longer than the bytes that were passed in.
        case message(UnsafeRawBufferPointer, isCompressed: Bool)
        /// A message with a flag that has no meaning.
        case badFlag(UInt8)
        /// A message that is longer than the limit.
        case tooLong(Int)
    }

    /// The prefix, its last byte lowest.
    private var prefix: UInt64 = 0
    private var prefixCount = 0
    private var gathered = ByteBuffer(capacity: 0)
    private var gatheredIsLent = false

    /// Part of a message has arrived, and the rest is due.
    var isMidMessage: Bool { prefixCount > 0 }

    /// Bytes that are kept.
    var byteCount: Int { gathered.count }

    /// The message that `keep` has kept.
    var kept: UnsafeRawBufferPointer { gathered.bytes }

    /// The next step in `unread`, which then begins behind it.
    mutating func next(_ unread: inout UnsafeRawBufferPointer, limit: Int) -> Step {
        if gatheredIsLent {
            gathered.reset(keeping: Self.keptCapacity)
            gatheredIsLent = false
        }
        if prefixCount == 0, unread.count >= Self.prefixLength, unread[0] <= 1 {
            let start = unread.removePrefix(atMost: Self.prefixLength)
            let length = UInt32(bigEndian: start.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
            prefix = UInt64(start[0]) << 32 | UInt64(length)
            prefixCount = Self.prefixLength
        }
        while prefixCount < Self.prefixLength {
            guard let byte = unread.removePrefix(atMost: 1).first else { return .incomplete }
            if prefixCount == 0, byte > 1 { return .badFlag(byte) }
            prefix = prefix << 8 | UInt64(byte)
            prefixCount += 1
        }
        let length = Int(prefix & 0xFFFF_FFFF)
        guard length <= limit else { return .tooLong(length) }
        if gathered.count == 0, unread.count >= length { return message(unread.removePrefix(atMost: length)) }
        gathered.append(unread.removePrefix(atMost: length - gathered.count))
        guard gathered.count == length else { return .incomplete }
        gatheredIsLent = true
        return message(gathered.bytes)
    }

    private mutating func message(_ bytes: UnsafeRawBufferPointer) -> Step {
        let isCompressed = prefix >> 32 == 1
        prefix = 0
        prefixCount = 0
        return .message(bytes, isCompressed: isCompressed)
    }

    /// Keeps the message that the last call has lent.
    mutating func keep(_ message: UnsafeRawBufferPointer) {
        if !gatheredIsLent { gathered.append(message) }
        gatheredIsLent = false
    }

    mutating func reset() {
        prefix = 0
        prefixCount = 0
        gatheredIsLent = false
        gathered.reset(keeping: Self.keptCapacity)
    }
}
