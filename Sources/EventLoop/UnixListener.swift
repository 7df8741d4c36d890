import CLibUV

/// A listening Unix socket. Belongs to the thread of its loop.
package final class UnixListener {
    private let loop: Loop
    private var handle: UnsafeMutablePointer<uv_pipe_t>?
    private var accepted: ((ByteStream) -> Void)?

    /// Takes over a bound socket; on success the listener owns the descriptor. Making and naming the socket is the
    /// caller's, who knows who may see it.
    package init(loop: Loop, adopting descriptor: Int32) throws(LoopError) {
        self.loop = loop
        let handle = UnsafeMutablePointer<uv_pipe_t>.allocate(capacity: 1)
        do {
            try LoopError.check(uv_pipe_init(loop.handle, handle, 0))
        } catch {
            handle.deallocate()
            throw error
        }
        self.handle = handle
        Handle.own(handle, by: self)
        let opened = uv_pipe_open(handle, descriptor)
        guard opened >= 0 else {
            close()
            throw LoopError(rawValue: opened)
        }
    }

    /// Starts to accept. libuv closes connections that no descriptor is left for, so that the loop does not spin.
    package func listen(backlog: Int32 = 1024, _ accepted: @escaping (ByteStream) -> Void) throws(LoopError) {
        guard let handle else { throw .cancelled }
        self.accepted = accepted
        try LoopError.check(
            uv_listen(Self.stream(handle), backlog) { listener, status in
                Handle.owner(of: listener!, as: UnixListener.self).connectionWaits(status)
            }
        )
    }

    private func connectionWaits(_ status: Int32) {
        // A failed accept concerns a client that has gone or that there was no descriptor for; the next one may do.
        guard status >= 0, let handle, let stream = try? ByteStream(loop: loop, family: .unix) else { return }
        do {
            try stream.accept(from: Self.stream(handle))
            accepted?(stream)
        } catch {
            stream.close()
        }
    }

    private static func stream(_ handle: UnsafeMutablePointer<uv_pipe_t>) -> UnsafeMutablePointer<uv_stream_t> {
        UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_stream_t.self)
    }

    package func close() {
        guard let handle else { return }
        self.handle = nil
        accepted = nil
        Handle.close(handle)
    }

    deinit {
        assert(handle == nil, "a listener was dropped before it was closed")
    }
}
