package import Bytes
import CLibUV

/// A connected socket, Unix or TCP, that bytes are read from and written to.
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
    package var queuedTogether = HeldBytes()
    /// Where what it receives and sends is counted with that of others.
    package var traffic: Traffic?
    var handle: Handle<uv_stream_t>
    var events: Events?
    var connected: ((LoopError?) -> Void)?
    var hasEnded = false
    var isReading = false
    /// Those that are queued, the oldest first.
    var firstWrite: QueuedWrite?
    var lastWrite: QueuedWrite?
    /// Bytes of memory that what is queued takes: its share, where others wait with the same. A write gives its own back when
    /// all of it has left.
    package internal(set) var heldByteCount = 0

    /// A stream that is not connected yet.
    package init(loop: Loop, family: Family) throws(LoopError) {
        self.loop = loop
        switch family {
        case .internet: handle = try Handle { uv_tcp_init(loop.handle, $0) }
        case .unix: handle = try Handle { uv_pipe_init(loop.handle, $0, 0) }
        }
        handle.own(by: self)
    }

    /// A stream over a connected Unix socket. On success the stream owns the descriptor.
    package convenience init(loop: Loop, adopting descriptor: Int32) throws(LoopError) {
        try self.init(loop: loop, family: .unix)
        do {
            try withHandle { uv_pipe_open($0.cast(to: uv_pipe_t.self), descriptor) }
        } catch {
            close()
            throw error
        }
    }

    @discardableResult
    func withHandle(
        _ body: (UnsafeMutablePointer<uv_stream_t>) throws(LoopError) -> Int32
    ) throws(LoopError) -> Int32 {
        guard let handle = handle.pointer else { throw .cancelled }
        return try LoopError.check(body(handle))
    }

    // MARK: - Closing

    package var isClosed: Bool { handle.pointer == nil }

    /// Closes the socket; what is queued is dropped. No event follows. May be called more than once.
    package func close() {
        handle.close()
        events = nil
        connected = nil
    }
}

@available(*, unavailable) extension ByteStream: Sendable {}
