/// Bytes that go out from where they are.
public struct OutgoingPiece {
    /// How many of the bytes that are copied go out before it.
    public let place: Int
    public let bytes: UnsafeRawBufferPointer
    public let owner: SharedBytes
}

/// Memory for what goes out.
@usableFromInline
struct OutgoingMemory {
    @usableFromInline var bytes: [UInt8] = []
    @usableFromInline var pieces: [OutgoingPiece] = []

    @usableFromInline init() {}
}
