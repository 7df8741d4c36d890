import CLibUV

/// The memory that the process keeps for later.
package enum Heap {
    /// Blocks from this size on get pages of their own, which go back to the system when they are freed. The answers that are
    /// usual are smaller, and have memory that was used before.
    private static let largeBlock: Int32 = 2 * 1024 * 1024

    /// glibc learns from each large block that is freed to keep the next ones (mallopt(3), M_MMAP_THRESHOLD). One answer
    /// of 64 MiB would stay resident for ever.
    package static func giveLargeBlocksBack() {
        // Fails only for values out of range.
        mallopt(M_MMAP_THRESHOLD, largeBlock)
        mallopt(M_TRIM_THRESHOLD, 2 * largeBlock)
    }
}
