/// Growing memory for values that are written one after the other; it is kept from one use to the next.
///
/// Public, as everything in this target is, and not `package`: Swift 6.3 inlines across targets only what is public. Without it
/// an answer costs 18 % more instructions.
public struct GrowingBuffer<Element: BitwiseCopyable>: ~Copyable {
    @usableFromInline var memory: UnsafeMutablePointer<Element>
    /// Cutting the end off is allowed.
    public var count = 0
    @usableFromInline var capacity: Int

    @inlinable
    public init(capacity: Int) {
        memory = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    @inlinable
    deinit { memory.deallocate() }

    @inlinable
    public var start: UnsafeMutablePointer<Element> { @inline(__always) get { memory } }

    /// How many values there is room for, with those that are there.
    @inlinable
    public var roomCount: Int { capacity }

    @inlinable
    public subscript(position: Int) -> Element {
        @inline(__always) get { start[position] }
        @inline(__always) set { start[position] = newValue }
    }

    @inlinable
    public var last: Element? { @inline(__always) get { count > 0 ? start[count &- 1] : nil } }

    /// Makes room for `size` values behind `count`.
    @inlinable
    @inline(__always)
    public mutating func reserve(_ size: Int) {
        if capacity &- count < size { grow(size) }
    }

    @inlinable
    @inline(never)
    mutating func grow(_ size: Int) {
        move(toCapacity: max(2 * capacity, count + size))
    }

    /// Needs room for the value.
    @inlinable
    @inline(__always)
    public mutating func put(_ value: Element) {
        start[count] = value
        count &+= 1
    }

    @inlinable
    @inline(__always)
    public mutating func append(_ value: Element) {
        reserve(1)
        put(value)
    }

    /// Closes the gap from `first` up to `end`.
    @inlinable
    public mutating func remove(from first: Int, to end: Int) {
        guard end > first else { return }
        (start + first).update(from: start + end, count: count - end)
        count -= end - first
    }

    /// Forgets everything, and gives memory back if it is more than for `limit` values.
    @inlinable
    public mutating func reset(keeping limit: Int) {
        count = 0
        if capacity > limit { move(toCapacity: limit) }
    }

    /// Hands its memory over, with what is in it.
    consuming func take() -> (memory: UnsafeMutablePointer<Element>, count: Int, capacity: Int) {
        let taken = (memory, count, capacity)
        discard self
        return taken
    }

    @inlinable
    mutating func move(toCapacity newCapacity: Int) {
        let moved = UnsafeMutablePointer<Element>.allocate(capacity: newCapacity)
        moved.update(from: start, count: count)
        memory.deallocate()
        memory = moved
        capacity = newCapacity
    }
}
