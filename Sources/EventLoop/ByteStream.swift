import CLibUV

/// A connected socket, Unix or TCP, that bytes are read from and written to. Belongs to the thread of its loop.
package final class ByteStream {
    /// What can happen to a stream. The closures are dropped when it is closed, so they may hold their owner.
    package struct Events {
        /// Bytes have arrived. They are lent: who wants to keep them copies them.
        package var received: (UnsafeRawBufferPointer) -> Void
        /// The peer has closed its side (`nil`), or reading or writing has failed. Comes once; nothing follows.
        package var ended: (LoopError?) -> Void
        /// All bytes that were queued are written.
        package var drained: () -> Void

        package init(
            received: @escaping (UnsafeRawBufferPointer) -> Void,
            ended: @escaping (LoopError?) -> Void,
            drained: @escaping () -> Void = {}
        ) {
            self.received = received
            self.ended = ended
            self.drained = drained
        }
    }

    package enum Family {
        case internet
        case unix
    }

    let loop: Loop
    /// Bytes that are read in one turn of the loop at most, so that who sends without end does not keep everybody else
    /// from being served. Set before anything is read; no more than the loop's buffer has room for.
    package var readSize = Loop.readSize
    var mayReadInThisTurn = true
    /// Where what it queues is counted with that of others. Set before anything is written.
    package var queuedTogether: QueuedBytes?
    var handle: UnsafeMutablePointer<uv_stream_t>?
    var events: Events?
    var connected: ((LoopError?) -> Void)?
    var hasEnded = false
    var isReading = false
    var queuedWrites = 0
    /// Bytes of memory that what is queued takes. A write gives its own back when all of it has left.
    package internal(set) var heldByteCount = 0

    /// A stream that is not connected yet.
    package init(loop: Loop, family: Family) throws(LoopError) {
        self.loop = loop
        let status: Int32
        switch family {
        case .internet:
            let tcp = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
            status = uv_tcp_init(loop.handle, tcp)
            if status < 0 { tcp.deallocate() } else { handle = Self.stream(tcp) }
        case .unix:
            let pipe = UnsafeMutablePointer<uv_pipe_t>.allocate(capacity: 1)
            status = uv_pipe_init(loop.handle, pipe, 0)
            if status < 0 { pipe.deallocate() } else { handle = Self.stream(pipe) }
        }
        try LoopError.check(status)
        if let handle { Handle.own(handle, by: self) }
    }

    /// A stream over a connected Unix socket. On success the stream owns the descriptor.
    package convenience init(loop: Loop, adopting descriptor: Int32) throws(LoopError) {
        try self.init(loop: loop, family: .unix)
        do {
            try withHandle { handle in
                uv_pipe_open(UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_pipe_t.self), descriptor)
            }
        } catch {
            close()
            throw error
        }
    }

    /// `uv_tcp_t` and `uv_pipe_t` begin with the fields of `uv_stream_t`; libuv's manual has callers cast.
    private static func stream<Kind>(_ handle: UnsafeMutablePointer<Kind>) -> UnsafeMutablePointer<uv_stream_t> {
        UnsafeMutableRawPointer(handle).assumingMemoryBound(to: uv_stream_t.self)
    }

    @discardableResult
    func withHandle(
        _ body: (UnsafeMutablePointer<uv_stream_t>) throws(LoopError) -> Int32
    ) throws(LoopError) -> Int32 {
        guard let handle else { throw .cancelled }
        return try LoopError.check(body(handle))
    }

    // MARK: - Closing

    package var isClosed: Bool { handle == nil }

    /// Closes the socket; what is queued is dropped. No event follows. May be called more than once.
    package func close() {
        guard let handle else { return }
        self.handle = nil
        events = nil
        connected = nil
        Handle.close(handle)
    }
}
