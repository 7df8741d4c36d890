/// What sessions need for a while, kept for the next one that does, so that a call costs no allocation. One for all sessions
/// of a loop.
package final class SessionPool {
    private static let mostSpareStreams = 1_024

    /// Memory that nghttp2 gave back.
    let blocks: UnsafeMutablePointer<FreeBlocks>
    var keptByteCount: Int { blocks.pointee.keptByteCount }
    private var spareStreams: [CallStream] = []

    package init() {
        blocks = .allocate(capacity: 1)
        blocks.initialize(to: FreeBlocks())
    }

    deinit {
        blocks.pointee.destroy()
        blocks.deallocate()
    }

    func takeStream() -> CallStream { spareStreams.popLast() ?? CallStream() }

    /// Keeps a stream that nothing is left in.
    func giveBack(_ stream: CallStream) {
        if spareStreams.count < Self.mostSpareStreams { spareStreams.append(stream) }
    }
}

/// It belongs to the loop's thread.
@available(*, unavailable) extension SessionPool: Sendable {}
