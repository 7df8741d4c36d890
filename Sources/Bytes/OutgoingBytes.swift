/// Bytes that are to go out: its own, and in between pieces that exist elsewhere, by reference.
///
///     own bytes   aaaaabbbbcc
///     pieces           ^   ^      each has its place among the own bytes, in front of which it goes out
///
/// Memory for it comes from a pool when something is written, so that a connection has none while nothing is to go out.
public struct OutgoingBytes: ~Copyable {
    private static let leastPiece = 4 * 1024

    @usableFromInline var memory = OutgoingMemory()
    @usableFromInline let pool: OutgoingPool
    public private(set) var pieceByteCount = 0

    public init(pool: OutgoingPool = OutgoingPool()) {
        self.pool = pool
    }

    /// Its own bytes, end to end. Before a piece nothing may be taken away.
    @inlinable
    public var own: [UInt8] {
        _read { yield memory.bytes }
        _modify {
            if memory.bytes.capacity == 0 { memory = pool.take() }
            yield &memory.bytes
        }
    }

    public var pieces: [OutgoingPiece] { memory.pieces }
    public var count: Int { memory.bytes.count + pieceByteCount }
    public var isEmpty: Bool { count == 0 }

    /// Whether bytes go out from where they are. To copy a few is cheaper.
    public static func isPiece(_ bytes: UnsafeRawBufferPointer, of owner: SharedBytes?) -> Bool {
        owner != nil && bytes.count >= leastPiece
    }

    /// Appends bytes: a piece, if they are a part of what somebody holds, and large enough; otherwise a copy.
    public mutating func append(_ bytes: UnsafeRawBufferPointer, of owner: SharedBytes?) {
        guard let owner, Self.isPiece(bytes, of: owner) else { return own.append(contentsOf: bytes) }
        if memory.bytes.capacity == 0 { memory = pool.take() }
        memory.pieces.append(OutgoingPiece(place: memory.bytes.count, bytes: bytes, owner: owner))
        pieceByteCount += bytes.count
    }

    /// Takes everything out of another, which is empty then.
    public init(taking other: inout OutgoingBytes) {
        pool = other.pool
        swap(&memory, &other.memory)
        swap(&pieceByteCount, &other.pieceByteCount)
    }

    public mutating func removeAll() {
        pool.giveBack(&memory)
        pieceByteCount = 0
    }

    /// All of it, as one.
    public var joined: [UInt8] {
        var joined: [UInt8] = []
        var start = 0
        for piece in pieces {
            joined += own[start..<piece.place]
            joined += piece.bytes
            start = piece.place
        }
        return joined + own[start...]
    }
}
