internal import CProtobufC
internal import Glibc

/// The memory that one payload may unpack to: handed out from front to back, never more than the budget, given back
/// all at once.
///
/// protobuf-c needs sixty times the size of a payload that is made of two-byte unknown fields. The whole budget is
/// mapped once and costs address space only; pages become resident when they are used, and those beyond `keptSize` are
/// returned after every payload. What is kept serves ordinary payloads without a system call.
final class Arena {
    static let keptSize = 64 << 10
    /// What is more comes in large pages, where the system has them.
    private static let smallSize = 1 << 20

    let budget: Int
    /// What protobuf-c's functions take.
    let allocator: UnsafeMutablePointer<ProtobufCAllocator>
    /// True once an allocation has failed since the last reset.
    private(set) var isExhausted = false
    private(set) var usedSize = 0
    /// Behind it nobody had written when the last reset was; there all is 0.
    private var writtenSize = 0

    /// Nil when the system refuses; every allocation fails then, as if the budget were 0.
    private let memory: UnsafeMutableRawPointer?

    init(budget: Int) {
        self.budget = budget
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let mapping = mmap(nil, budget, PROT_READ | PROT_WRITE, flags, -1, 0)
        memory = mapping == MAP_FAILED ? nil : mapping
        if let memory, budget > Arena.smallSize {
            // Without large pages it takes longer.
            madvise(memory + Arena.smallSize, budget - Arena.smallSize, Int32(MADV_HUGEPAGE))
        }
        allocator = .allocate(capacity: 1)
        allocator.initialize(
            to: ProtobufCAllocator(
                alloc: { arena, size in
                    Unmanaged<Arena>.fromOpaque(arena!).takeUnretainedValue().allocate(size)
                },
                free: { _, _ in },
                allocator_data: Unmanaged.passUnretained(self).toOpaque()
            )
        )
    }

    deinit {
        allocator.deallocate()
        if let memory { munmap(memory, budget) }
    }

    /// Memory for any C type, or nil when the budget does not allow it.
    func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        guard let memory, size >= 0, size <= budget - usedSize else {
            isExhausted = true
            return nil
        }
        defer { usedSize = min(budget, (usedSize + size + 15) & ~15) }
        return memory + usedSize
    }

    /// Memory for an array; its elements are not initialised.
    func allocate<Element>(_ count: Int, of type: Element.Type) -> UnsafeMutableBufferPointer<Element>? {
        let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        guard !overflow, let start = allocate(size) else { return nil }
        return UnsafeMutableRawBufferPointer(start: start, count: size).bindMemory(to: Element.self)
    }

    /// Memory for an array whose elements are 0. Where nobody has written, it costs address space only.
    func allocateZeros<Element: FixedWidthInteger & BitwiseCopyable>(
        _ count: Int,
        of type: Element.Type
    ) -> UnsafeMutableBufferPointer<Element>? {
        let offset = usedSize
        guard let array = allocate(count, of: type) else { return nil }
        let bytes = UnsafeMutableRawBufferPointer(array)
        if let start = bytes.baseAddress { memset(start, 0, min(bytes.count, max(0, writtenSize - offset))) }
        return array
    }

    /// Memory for an array of as many elements as the budget allows, and no more than `count`. `shrink` gives back what
    /// is not needed of it.
    func allocate<Element>(atMost count: Int, of type: Element.Type) -> UnsafeMutableBufferPointer<Element> {
        allocate(min(count, (budget - usedSize) / MemoryLayout<Element>.stride), of: type)
            ?? UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    /// Takes back what is behind the first elements of the array that was allocated last; nothing was written there.
    func shrink<Element>(
        _ array: UnsafeMutableBufferPointer<Element>,
        to count: Int
    ) -> UnsafeMutableBufferPointer<Element> {
        guard let memory, let start = array.baseAddress else { return array }
        usedSize = UnsafeMutableRawPointer(start) - memory
        return allocate(count, of: Element.self) ?? array
    }

    /// Takes everything back.
    func reset() {
        writtenSize = max(writtenSize, usedSize)
        if let memory, writtenSize > Arena.keptSize,
            // A failure (locked memory) leaves the pages resident, which is harmless. Of a large page all is returned.
            madvise(memory + Arena.keptSize, budget - Arena.keptSize, MADV_DONTNEED) == 0
        {
            writtenSize = Arena.keptSize
        }
        usedSize = 0
        isExhausted = false
    }
}
