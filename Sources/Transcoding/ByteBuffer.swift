internal import Glibc

/// Growing memory for bytes that are written one after the other; it is kept from one use to the next.
struct ByteBuffer: ~Copyable {
    private(set) var start: UnsafeMutablePointer<UInt8>
    /// Cutting the end off is allowed.
    var count = 0
    private var capacity: Int

    init(capacity: Int) {
        start = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { start.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    /// Makes room for `size` bytes behind `count`.
    @inline(__always)
    mutating func reserve(_ size: Int) {
        if capacity &- count < size { grow(size) }
    }

    @inline(never)
    private mutating func grow(_ size: Int) {
        move(toCapacity: max(2 * capacity, count + size))
    }

    /// Forgets what is in the buffer, and gives memory back if it is more than `limit`.
    mutating func reset(keeping limit: Int) {
        count = 0
        if capacity > limit { move(toCapacity: limit) }
    }

    private mutating func move(toCapacity newCapacity: Int) {
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
        moved.update(from: start, count: count)
        start.deallocate()
        start = moved
        capacity = newCapacity
    }

    /// Needs room for a byte.
    @inline(__always)
    mutating func put(_ byte: UInt8) {
        start[count] = byte
        count &+= 1
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        memcpy(start + count, source, bytes.count)
        count += bytes.count
    }

    /// The bytes as a text for the transcoder, which reads behind the end.
    mutating func padded() -> UnsafeRawBufferPointer {
        reserve(JSONTranscoder.padding)
        return bytes
    }
}
