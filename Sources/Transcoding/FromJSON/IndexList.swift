/// A growing list of tape indexes that is kept from one message to the next.
struct IndexList: ~Copyable {
    private var start: UnsafeMutablePointer<UInt32>
    private(set) var count = 0
    private var capacity = 64

    init() { start = .allocate(capacity: capacity) }

    deinit { start.deallocate() }

    @inline(__always)
    subscript(position: Int) -> Int {
        get { Int(start[position]) }
        set { start[position] = UInt32(truncatingIfNeeded: newValue) }
    }

    @inline(__always)
    mutating func append(_ index: Int) {
        if count == capacity { grow() }
        start[count] = UInt32(truncatingIfNeeded: index)
        count &+= 1
    }

    mutating func truncate(to count: Int) { self.count = count }

    /// Closes the gap from `first` up to `end`.
    mutating func remove(from first: Int, to end: Int) {
        guard end > first else { return }
        (start + first).update(from: start + end, count: count - end)
        count -= end - first
    }

    /// Forgets everything, and gives memory back if it is for more than `limit` indexes.
    mutating func reset(keeping limit: Int) {
        count = 0
        if capacity > limit { move(toCapacity: limit) }
    }

    @inline(never)
    private mutating func grow() {
        move(toCapacity: 2 * capacity)
    }

    private mutating func move(toCapacity newCapacity: Int) {
        let moved = UnsafeMutablePointer<UInt32>.allocate(capacity: newCapacity)
        moved.update(from: start, count: count)
        start.deallocate()
        start = moved
        capacity = newCapacity
    }
}
