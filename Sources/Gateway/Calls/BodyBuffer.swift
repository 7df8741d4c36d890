import Bytes

/// Where a body is gathered.
final class BodyBuffer {
    var text = ByteBuffer(capacity: 0)

    /// Hands the text over, and is empty then.
    func takeText() -> ByteBuffer {
        var taken = ByteBuffer(capacity: 0)
        swap(&taken, &text)
        return taken
    }
}

/// Memory for bodies that are gathered, of all calls: few arrive at the same time.
final class BodyBufferPool {
    /// What is larger is not kept,
    static let largest = 256 << 10
    /// nor more than so much of all.
    private static let mostKept = 2 << 20

    private var spares: [BodyBuffer] = []
    private(set) var keptByteCount = 0

    func take() -> BodyBuffer {
        guard let spare = spares.popLast() else { return BodyBuffer() }
        keptByteCount -= spare.text.roomCount
        return spare
    }

    func giveBack(_ buffer: BodyBuffer) {
        let count = buffer.text.roomCount
        guard count <= Self.largest, keptByteCount + count <= Self.mostKept else { return }
        keptByteCount += count
        buffer.text.count = 0
        spares.append(buffer)
    }
}
