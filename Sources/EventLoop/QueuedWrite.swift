import CLibUV

/// Bytes that the socket did not take at once, kept alive together with libuv's request until its callback.
final class QueuedWrite {
    private let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
    private let bytes: UnsafeMutableRawBufferPointer

    var byteCount: Int { bytes.count }

    private init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = .allocate(byteCount: bytes.count, alignment: 1)
        self.bytes.copyMemory(from: bytes)
    }

    /// Copies the bytes and queues them. When libuv refuses at once, no callback will come.
    static func start(
        _ bytes: UnsafeRawBufferPointer,
        on handle: UnsafeMutablePointer<uv_stream_t>,
        _ finished: uv_write_cb
    ) throws(LoopError) {
        let write = QueuedWrite(bytes)
        var buffer = uv_buf_t(base: write.bytes.baseAddress?.assumingMemoryBound(to: CChar.self), len: bytes.count)
        let retained = Unmanaged.passRetained(write)
        write.request.pointee.data = retained.toOpaque()
        do {
            try LoopError.check(uv_write(write.request, handle, &buffer, 1, finished))
        } catch {
            retained.release()
            throw error
        }
    }

    /// The write that a callback is about. Called once, by the callback: libuv has no more use for request and bytes.
    static func finished(_ request: UnsafeMutablePointer<uv_write_t>) -> QueuedWrite {
        Unmanaged<QueuedWrite>.fromOpaque(request.pointee.data).takeRetainedValue()
    }

    deinit {
        request.deallocate()
        bytes.deallocate()
    }
}

@available(*, unavailable) extension QueuedWrite: Sendable {}
