internal import Glibc

/// Growing memory for bytes.
public typealias ByteBuffer = GrowingBuffer<UInt8>

extension GrowingBuffer<UInt8> {
    /// For much that is written from front to back: where the system has large pages, it gets them.
    public init(largeCapacity capacity: Int) {
        self.init(capacity: capacity)
        let page = Int(getpagesize())
        let start = UnsafeMutableRawPointer(memory).alignedUp(toMultipleOf: page)
        let count = UnsafeMutableRawPointer(memory + capacity) - start
        // Without large pages it takes longer.
        if count > 0 { madvise(start, count, Int32(MADV_HUGEPAGE)) }
    }

    @inlinable
    public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

    @inlinable
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        UnsafeMutableRawPointer(start + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    @inlinable
    public mutating func append(_ text: StaticString) {
        append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    public mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    public mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }
}
