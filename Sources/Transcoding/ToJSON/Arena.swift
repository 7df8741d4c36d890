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

    /// Takes everything back.
    func reset() {
        if let memory, usedSize > Arena.keptSize {
            // A failure (locked memory) leaves the pages resident, which is harmless. Of a large page all is returned.
            madvise(memory + Arena.keptSize, budget - Arena.keptSize, MADV_DONTNEED)
        }
        usedSize = 0
        isExhausted = false
    }
}
