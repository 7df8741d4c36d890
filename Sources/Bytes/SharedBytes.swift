/// Bytes that exist once, however many hold them; they go with the last who does.
public final class SharedBytes {
    public private(set) var bytes: UnsafeRawBufferPointer
    private let memory: UnsafeMutableRawBufferPointer
    /// How many wait with them until somebody has read, as `HeldBytes` counts them.
    var waiters = 0

    public convenience init(copying source: UnsafeRawBufferPointer) {
        self.init(copying: source, capacity: source.count)
    }

    /// Takes over the memory of a buffer.
    public init(taking buffer: consuming ByteBuffer) {
        let taken = buffer.take()
        memory = UnsafeMutableRawBufferPointer(start: taken.memory, count: taken.capacity)
        bytes = UnsafeRawBufferPointer(start: taken.memory, count: taken.count)
    }

    private init(copying source: UnsafeRawBufferPointer, capacity: Int) {
        memory = .allocate(byteCount: capacity, alignment: 16)
        bytes = UnsafeRawBufferPointer(start: memory.baseAddress, count: source.count)
        memory.copyMemory(from: source)
    }

    deinit { memory.deallocate() }

    /// Puts a copy of other bytes in the place of `old`: into the same memory, if nobody else holds it and it has about the
    /// right size.
    package static func replace(_ old: inout SharedBytes?, copying source: UnsafeRawBufferPointer) {
        if isKnownUniquelyReferenced(&old), let old, old.memory.count / 4 <= source.count,
            source.count <= old.memory.count
        {
            old.memory.copyMemory(from: source)
            old.bytes = UnsafeRawBufferPointer(start: old.memory.baseAddress, count: source.count)
        } else {
            // What comes again and again grows a little now and then.
            old = SharedBytes(copying: source, capacity: source.count + source.count / 8)
        }
    }
}

/// They are held by who works on the loop's thread.
@available(*, unavailable) extension SharedBytes: Sendable {}
