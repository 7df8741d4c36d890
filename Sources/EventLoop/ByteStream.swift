import CLibUV
import Glibc

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

    private static let maximumReadsOfRest = 4

    private let loop: Loop
    /// Bytes that are read in one turn of the loop at most, so that who sends without end does not keep everybody else
    /// from being served. Set before anything is read; no more than the loop's buffer has room for.
    package var readSize = Loop.readSize
    private var mayReadInThisTurn = true
    /// Where what it queues is counted with that of others. Set before anything is written.
    package var queuedTogether: QueuedBytes?
    private var handle: UnsafeMutablePointer<uv_stream_t>?
    private var events: Events?
    private var connected: ((LoopError?) -> Void)?
    private var hasEnded = false
    private var isReading = false
    private var queuedWrites = 0
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
    private func withHandle(
        _ body: (UnsafeMutablePointer<uv_stream_t>) throws(LoopError) -> Int32
    ) throws(LoopError) -> Int32 {
        guard let handle else { throw .cancelled }
        return try LoopError.check(body(handle))
    }
}

// MARK: - Connecting

extension ByteStream {
    /// Takes the connection that waits at a listener.
    func accept(from listener: UnsafeMutablePointer<uv_stream_t>) throws(LoopError) {
        try withHandle { uv_accept(listener, $0) }
    }

    /// Connects, and says so or why not, always in a later turn and only once; not at all if closed before.
    package func connect(to address: SocketAddress, _ connected: @escaping (LoopError?) -> Void) throws(LoopError) {
        let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
        request.pointee.data = Unmanaged.passRetained(self).toOpaque()
        self.connected = connected
        do {
            try withHandle { handle throws(LoopError) in
                let raw = UnsafeMutableRawPointer(handle)
                if case .unix(let path) = address {
                    guard path.utf8.count <= SocketAddress.maximumPathLength else { throw .nameTooLong }
                    uv_pipe_connect(request, raw.assumingMemoryBound(to: uv_pipe_t.self), path) {
                        ByteStream.finishedConnecting($0!, status: $1)
                    }
                    return 0
                }
                let tcp = raw.assumingMemoryBound(to: uv_tcp_t.self)
                return try address.withInternetAddress { socketAddress in
                    uv_tcp_connect(request, tcp, socketAddress) { ByteStream.finishedConnecting($0!, status: $1) }
                }
            }
        } catch {
            // No callback will come.
            self.connected = nil
            Unmanaged<ByteStream>.fromOpaque(request.pointee.data).release()
            request.deallocate()
            throw error
        }
    }

    private static func finishedConnecting(_ request: UnsafeMutablePointer<uv_connect_t>, status: Int32) {
        let stream = Unmanaged<ByteStream>.fromOpaque(request.pointee.data).takeRetainedValue()
        request.deallocate()
        let connected = stream.connected
        stream.connected = nil
        connected?(status < 0 ? LoopError(rawValue: status) : nil)
    }

    /// Has small writes leave at once instead of waiting for more (TCP only).
    package func disableWriteCoalescing() throws(LoopError) {
        try withHandle { uv_tcp_nodelay(UnsafeMutableRawPointer($0).assumingMemoryBound(to: uv_tcp_t.self), 1) }
    }

    /// Whether both ends are the same socket. Connecting to a port that nobody listens on and that the system itself
    /// hands out can end so (RFC 9293, simultaneous open).
    package func hasMetItself() throws(LoopError) -> Bool {
        var own = sockaddr_storage()
        var peer = sockaddr_storage()
        try withHandle { Self.name($0, &own, uv_tcp_getsockname) }
        try withHandle { Self.name($0, &peer, uv_tcp_getpeername) }
        return withUnsafeBytes(of: own) { own in withUnsafeBytes(of: peer) { own.elementsEqual($0) } }
    }

    /// The port of our end (TCP only).
    package func ownPort() throws(LoopError) -> UInt16 {
        var own = sockaddr_storage()
        try withHandle { Self.name($0, &own, uv_tcp_getsockname) }
        // It is at the same place for IPv4 and IPv6.
        return withUnsafeBytes(of: own) { UInt16(bigEndian: $0.load(fromByteOffset: 2, as: UInt16.self)) }
    }

    private static func name(
        _ handle: UnsafeMutablePointer<uv_stream_t>,
        _ storage: inout sockaddr_storage,
        _ get: (UnsafePointer<uv_tcp_t>, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<Int32>) -> Int32
    ) -> Int32 {
        let tcp = UnsafeRawPointer(handle).assumingMemoryBound(to: uv_tcp_t.self)
        return withUnsafeMutableBytes(of: &storage) { bytes in
            var length = Int32(bytes.count)
            guard let base = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return 0 }
            return get(tcp, base, &length)
        }
    }

    /// The socket's descriptor, which stays the stream's.
    package func descriptor() throws(LoopError) -> Int32 {
        var descriptor: Int32 = -1
        try withHandle {
            uv_fileno(UnsafeMutableRawPointer($0).assumingMemoryBound(to: uv_handle_t.self), &descriptor)
        }
        return descriptor
    }
}

// MARK: - Reading

extension ByteStream {
    /// Sets what happens with what arrives, and starts reading.
    package func startReading(_ events: Events) throws(LoopError) {
        self.events = events
        try resumeReading()
    }

    /// Goes on reading after `pauseReading()`.
    package func resumeReading() throws(LoopError) {
        guard !hasEnded else { return }
        isReading = true
        try withHandle { handle in
            let result = uv_read_start(
                handle,
                { handle, _, buffer in
                    buffer!.pointee = Handle.owner(of: handle!, as: ByteStream.self).bufferToRead()
                },
                { handle, count, buffer in
                    Handle.owner(of: handle!, as: ByteStream.self).received(count, buffer!.pointee.base)
                }
            )
            return result == UV_EALREADY.rawValue ? 0 : result
        }
    }

    /// Leaves what arrives in the socket, so that the peer feels it.
    package func pauseReading() {
        isReading = false
        guard let handle else { return }
        uv_read_stop(handle)
    }

    /// libuv reads on as long as what it reads fills the buffer, and leaves the rest for the next turn if there is none.
    private func bufferToRead() -> uv_buf_t {
        let base = loop.readBuffer.baseAddress?.assumingMemoryBound(to: CChar.self)
        defer { mayReadInThisTurn = true }
        return mayReadInThisTurn ? uv_buf_t(base: base, len: readSize) : uv_buf_t(base: nil, len: 0)
    }

    private func received(_ count: Int, _ base: UnsafePointer<CChar>?) {
        guard count != Int(UV_ENOBUFS.rawValue) else { return }
        mayReadInThisTurn = count < readSize
        if count > 0 {
            events?.received(UnsafeRawBufferPointer(start: base, count: count))
        } else if count < 0 {
            end(count == Int(UV_EOF.rawValue) ? pendingError() : LoopError(rawValue: Int32(count)))
        }
    }

    /// libuv reports the end without another read when the system says 'hung up' right behind the last bytes. A reset
    /// says that too, and only the socket can tell it from a proper end.
    private func pendingError() -> LoopError? {
        guard let descriptor = try? descriptor() else { return nil }
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
        return number == 0 ? nil : .system(number)
    }

    /// Reads what the peer had sent before it went away, which may say why: a server that does not want the rest of a
    /// request answers and closes. Bounded, because a peer can go on writing after it has stopped reading.
    private func readRest() {
        for _ in 0..<Self.maximumReadsOfRest where !readNow() { return }
    }

    /// Reads what has arrived, and says whether that was anything.
    private func readNow() -> Bool {
        guard isReading, let descriptor = try? descriptor() else { return false }
        let buffer = loop.readBuffer
        let count = read(descriptor, buffer.baseAddress, readSize)
        guard count > 0 else { return false }
        events?.received(UnsafeRawBufferPointer(start: buffer.baseAddress, count: count))
        return true
    }

    /// Receives what the peer has sent until now, and nothing from then on: sending more fails. Over a Unix socket no byte is
    /// lost in between (TCP would take it and drop it).
    package func stopReceiving() {
        guard let descriptor = try? descriptor() else { return }
        shutdown(descriptor, Int32(SHUT_RD))
        while readNow() {}
        pauseReading()
    }

    /// Whether nothing has arrived that was not received yet, not even the end.
    package var isQuiet: Bool {
        guard let descriptor = try? descriptor() else { return false }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) < 0 && errno == EAGAIN
    }

    private func end(_ error: LoopError?) {
        guard !hasEnded else { return }
        hasEnded = true
        pauseReading()
        events?.ended(error)
    }
}

// MARK: - Writing

extension ByteStream {
    /// Bytes that are queued because the peer does not read as fast as we write.
    package var queuedByteCount: Int {
        guard let handle else { return 0 }
        return uv_stream_get_write_queue_size(handle)
    }

    /// Writes what the socket takes at once and queues a copy of the rest, in the order of the calls.
    /// - Parameters:
    ///   - body: follows `head` in the same write, so that nobody has to lay the two end to end.
    ///   - queueLimit: bytes that may be queued in all. When there would be more, nothing of the rest is queued and
    ///     `noBufferSpace` is thrown; the stream is good for nothing more then, because the peer has got a part.
    package func write(
        _ head: [UInt8],
        _ body: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        queueLimit: Int = .max
    ) throws(LoopError) {
        try head.withUnsafeBufferPointer { (head) throws(LoopError) in
            try write(UnsafeRawBufferPointer(head), body, queueLimit)
        }
    }

    private func write(
        _ head: UnsafeRawBufferPointer,
        _ body: UnsafeRawBufferPointer,
        _ queueLimit: Int
    ) throws(LoopError) {
        guard let handle else { throw .cancelled }
        var written = 0
        if queuedByteCount == 0 {
            var buffers = (Self.buffer(head), Self.buffer(body))
            let result = withUnsafeMutablePointer(to: &buffers) { pair in
                pair.withMemoryRebound(to: uv_buf_t.self, capacity: 2) {
                    uv_try_write(handle, $0, body.isEmpty ? 1 : 2)
                }
            }
            if result != UV_EAGAIN.rawValue { written = Int(try LoopError.check(result)) }
        }
        guard head.count + body.count - written <= queueLimit - queuedByteCount else { throw .noBufferSpace }
        try queue(head, from: written, handle)
        try queue(body, from: written - head.count, handle)
    }

    private func queue(
        _ bytes: UnsafeRawBufferPointer,
        from written: Int,
        _ handle: UnsafeMutablePointer<uv_stream_t>
    ) throws(LoopError) {
        let rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(max(0, written)))
        guard !rest.isEmpty else { return }
        try QueuedWrite.start(rest, on: self, handle)
        queuedWrites += 1
    }

    private static func buffer(_ bytes: UnsafeRawBufferPointer) -> uv_buf_t {
        // libuv only reads from it; its type has no const.
        let base = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
        return uv_buf_t(base: base, len: bytes.count)
    }

    /// Writes that libuv has finished together are reported one by one, after the last of them has left its queue.
    func finishedWriting(_ error: LoopError?) {
        queuedWrites -= 1
        if let error {
            guard error != .cancelled else { return }
            readRest()
            end(error)
        } else if queuedWrites == 0 {
            events?.drained()
        }
    }
}

// MARK: - Closing

extension ByteStream {
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
