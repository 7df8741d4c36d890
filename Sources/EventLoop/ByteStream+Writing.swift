import CLibUV

extension ByteStream {
    /// Bytes that are queued because the peer does not read as fast as we write.
    package var queuedByteCount: Int {
        guard let handle = handle.pointer else { return 0 }
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
        guard let handle = handle.pointer else { throw .cancelled }
        var written = 0
        if queuedByteCount == 0 {
            var buffers = (Self.buffer(head), Self.buffer(body))
            let result = withUnsafeMutablePointer(to: &buffers) { pair in
                pair.withMemoryRebound(to: uv_buf_t.self, capacity: 2) {
                    uv_try_write(handle, $0, body.isEmpty ? 1 : 2)
                }
            }
            if result != UV_EAGAIN.rawValue { written = Int(try LoopError.check(result)) }
            traffic?.sent += written
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
        try QueuedWrite.start(rest, on: handle) { ByteStream.finishedWriting($0!, status: $1) }
        queuedWrites += 1
        countHeld(rest.count)
    }

    private func countHeld(_ count: Int) {
        heldByteCount += count
        queuedTogether?.count += count
    }

    private static func buffer(_ bytes: UnsafeRawBufferPointer) -> uv_buf_t {
        // libuv only reads from it; its type has no const.
        let base = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: CChar.self))
        return uv_buf_t(base: base, len: bytes.count)
    }

    private static func finishedWriting(_ request: UnsafeMutablePointer<uv_write_t>, status: Int32) {
        // Also of a stream that was closed meanwhile: its handle is freed after the last of these callbacks.
        let stream = Handle.owner(of: request.pointee.handle, as: ByteStream.self)
        let write = QueuedWrite.finished(request)
        if status == 0 { stream.traffic?.sent += write.byteCount }
        stream.finishedWriting(status < 0 ? LoopError(rawValue: status) : nil)
        stream.countHeld(-write.byteCount)
    }

    /// Writes that libuv has finished together are reported one by one, after the last of them has left its queue.
    private func finishedWriting(_ error: LoopError?) {
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
