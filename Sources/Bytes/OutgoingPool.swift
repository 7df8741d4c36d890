/// Memory for what goes out over the connections of a loop. They need it only until the end of a turn, when what the sockets
/// have not taken is queued.
public final class OutgoingPool {
    /// What is larger is not kept,
    private static let largest = 256 * 1024
    /// nor more than so much of all.
    private static let mostKept = 1024 * 1024
    /// What new memory has room for.
    private static let smallest = 512
    private static let mostPieces = 1024

    private var spares: [OutgoingMemory] = []
    private(set) var keptByteCount = 0

    public init() {}

    @usableFromInline
    func take() -> OutgoingMemory {
        guard let spare = spares.popLast() else {
            var memory = OutgoingMemory()
            memory.bytes.reserveCapacity(Self.smallest)
            return memory
        }
        keptByteCount -= spare.bytes.capacity
        return spare
    }

    /// Leaves nothing in `memory`.
    func giveBack(_ memory: inout OutgoingMemory) {
        var given = OutgoingMemory()
        swap(&given, &memory)
        let capacity = given.bytes.capacity
        guard capacity > 0, capacity <= Self.largest, keptByteCount + capacity <= Self.mostKept else { return }
        given.bytes.removeAll(keepingCapacity: true)
        if given.pieces.capacity > Self.mostPieces { given.pieces = [] }
        // There are few; removing all at once, and keeping the memory, costs more.
        while given.pieces.popLast() != nil {}
        keptByteCount += capacity
        spares.append(given)
    }
}

/// It belongs to the loop's thread.
@available(*, unavailable) extension OutgoingPool: Sendable {}
