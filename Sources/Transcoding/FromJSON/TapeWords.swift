/// The words of a tape that is being written.
struct TapeWords: ~Copyable {
    private(set) var start: UnsafeMutablePointer<UInt64>
    private(set) var count = 0
    private var capacity = 512

    init() { start = .allocate(capacity: capacity) }

    deinit { start.deallocate() }

    func tag(at index: Int) -> UInt8 { UInt8(truncatingIfNeeded: start[index] >> 56) }

    func payload(at index: Int) -> UInt64 { start[index] & 0x00ff_ffff_ffff_ffff }

    mutating func setPayload(_ payload: UInt64, at index: Int) {
        start[index] = start[index] & 0xff00_0000_0000_0000 | payload
    }

    mutating func append(_ word: UInt64) {
        if count == capacity { grow() }
        start[count] = word
        count += 1
    }

    private mutating func grow() {
        let moved = UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * capacity)
        moved.update(from: start, count: count)
        start.deallocate()
        start = moved
        capacity *= 2
    }
}
