import Bytes
import CLibUV

/// Bytes that the socket did not take at once, kept alive together with libuv's request until its callback: shared ones by
/// reference, a copy of the others.
final class QueuedWrite {
    private let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
    private let copies: UnsafeMutableRawBufferPointer
    private let owners: [SharedBytes]
    let byteCount: Int
    /// The one that was queued behind it.
    var next: QueuedWrite?

    /// Where the memory is counted with that of others, and how much of it is this write's.
    private let held: HeldBytes
    private(set) var heldCount = 0
    /// What its end gives back, once it is about to go without having been read.
    private var leavingCount: Int?

    /// Queues the parts. When libuv refuses at once, no callback will come.
    init(
        _ parts: [(bytes: UnsafeRawBufferPointer, owner: SharedBytes?)],
        countingIn held: HeldBytes,
        on handle: UnsafeMutablePointer<uv_stream_t>,
        _ finished: uv_write_cb
    ) throws(LoopError) {
        self.held = held
        owners = parts.compactMap(\.owner)
        byteCount = parts.reduce(0) { $0 + $1.bytes.count }
        copies = .allocate(byteCount: parts.reduce(0) { $0 + ($1.owner == nil ? $1.bytes.count : 0) }, alignment: 1)
        var rest = copies[...]
        let buffers = parts.map { part in
            guard part.owner == nil else { return uv_buf_t(part.bytes) }
            let copy = UnsafeMutableRawBufferPointer(rebasing: rest.prefix(part.bytes.count))
            rest = rest.dropFirst(part.bytes.count)
            copy.copyMemory(from: part.bytes)
            return uv_buf_t(UnsafeRawBufferPointer(copy))
        }
        let retained = Unmanaged.passRetained(self)
        request.pointee.data = retained.toOpaque()
        do {
            try LoopError.check(uv_write(request, handle, buffers, UInt32(buffers.count), finished))
        } catch {
            retained.release()
            throw error
        }
        held.add(copies.count)
        heldCount = owners.reduce(copies.count) { $0 + held.hold($1) }
    }

    /// The write that a callback is about. Called once, by the callback: libuv has no more use for request and bytes.
    static func finished(_ request: UnsafeMutablePointer<uv_write_t>) -> QueuedWrite {
        let write = Unmanaged<QueuedWrite>.fromOpaque(request.pointee.data).takeRetainedValue()
        write.release()
        return write
    }

    private func release() {
        if let leavingCount { return held.left(leavingCount) }
        held.add(-copies.count)
        for owner in owners { held.release(owner) }
    }

    /// Counts as memory that is about to be given back.
    func leave() {
        guard leavingCount == nil else { return }
        let count = owners.reduce(copies.count) { $0 + held.leave($1) }
        leavingCount = count
        held.leaves(count)
        heldCount = 0
    }

    deinit {
        request.deallocate()
        copies.deallocate()
    }
}

@available(*, unavailable) extension QueuedWrite: Sendable {}
