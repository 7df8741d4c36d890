package import Bytes
import CLibUV

extension ByteStream {
    /// What is queued is released in portions of so many bytes, or a piece if it is larger.
    private static let portion = 64 * 1024

    /// Bytes that are queued because the peer does not read as fast as we write.
    package var queuedByteCount: Int {
        guard let handle = handle.pointer else { return 0 }
        return uv_stream_get_write_queue_size(handle)
    }

    /// Writes what the socket takes at once and queues the rest, in the order of the calls: pieces by reference, and a copy
    /// of what else there is.
    /// - Parameters:
    ///   - lent: follows in the same write, so that nobody has to lay it behind the others.
    ///   - queueLimit: bytes that may be queued in all. When there would be more, nothing of the rest is queued and
    ///     `noBufferSpace` is thrown; the stream is good for nothing more then, because the peer has got a part.
    package func write(
        _ bytes: borrowing OutgoingBytes,
        _ lent: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        queueLimit: Int = .max
    ) throws(LoopError) {
        let pieces = bytes.pieces
        try bytes.own.withUnsafeBufferPointer { (own) throws(LoopError) in
            try write(UnsafeRawBufferPointer(own), pieces, lent, queueLimit)
        }
    }

    /// - Parameter lent: what is left of it is copied.
    package func write(_ lent: UnsafeRawBufferPointer) throws(LoopError) {
        try write(lent, [], UnsafeRawBufferPointer(start: nil, count: 0), .max)
    }

    private func write(
        _ own: UnsafeRawBufferPointer,
        _ pieces: [OutgoingPiece],
        _ lent: UnsafeRawBufferPointer,
        _ queueLimit: Int
    ) throws(LoopError) {
        guard let handle = handle.pointer else { throw .cancelled }
        let mayWrite = queuedByteCount == 0
        var written = 0
        if mayWrite, pieces.isEmpty {
            written = try count(Self.tryWrite(own, lent, handle))
            if written == own.count + lent.count { return }
        }
        let parts = WriteParts(own: own, pieces: pieces, lent: lent)
        if mayWrite, !pieces.isEmpty { written = try count(parts.withBuffers { uv_try_write(handle, $0, $1) }) }
        guard written < parts.byteCount else { return }
        guard parts.byteCount - written <= queueLimit - queuedByteCount else { throw .noBufferSpace }
        try queue(parts, from: written, handle)
    }

    /// Counts what was written at once.
    private func count(_ result: Int32) throws(LoopError) -> Int {
        let written = result == UV_EAGAIN.rawValue ? 0 : Int(try LoopError.check(result))
        traffic?.sent += written
        return written
    }

    /// Most writes have no pieces.
    private static func tryWrite(
        _ own: UnsafeRawBufferPointer,
        _ lent: UnsafeRawBufferPointer,
        _ handle: UnsafeMutablePointer<uv_stream_t>
    ) -> Int32 {
        var buffers = (uv_buf_t(own), uv_buf_t(lent))
        return withUnsafeMutablePointer(to: &buffers) { pair in
            pair.withMemoryRebound(to: uv_buf_t.self, capacity: 2) {
                uv_try_write(handle, $0, lent.isEmpty ? 1 : 2)
            }
        }
    }

    private func queue(
        _ parts: WriteParts,
        from written: Int,
        _ handle: UnsafeMutablePointer<uv_stream_t>
    ) throws(LoopError) {
        var skipped = 0
        var portion: [(bytes: UnsafeRawBufferPointer, owner: SharedBytes?)] = []
        var size = 0
        for index in 0..<parts.count {
            let part = parts[index]
            let rest = part.bytes.dropFirst(max(0, written - skipped))
            skipped += part.bytes.count
            guard !rest.isEmpty else { continue }
            portion.append((UnsafeRawBufferPointer(rebasing: rest), part.owner))
            size += rest.count
            guard size >= Self.portion, part.owner != nil else { continue }
            try queue(portion, handle)
            portion.removeAll(keepingCapacity: true)
            size = 0
        }
        if !portion.isEmpty { try queue(portion, handle) }
    }

    private func queue(
        _ portion: [(bytes: UnsafeRawBufferPointer, owner: SharedBytes?)],
        _ handle: UnsafeMutablePointer<uv_stream_t>
    ) throws(LoopError) {
        let write = try QueuedWrite(portion, countingIn: queuedTogether, on: handle) {
            ByteStream.finishedWriting($0!, status: $1)
        }
        heldByteCount += write.heldCount
        if let lastWrite { lastWrite.next = write } else { firstWrite = write }
        lastWrite = write
    }

    /// What is queued no longer counts, because the stream is about to be closed.
    package func writeOff() {
        heldByteCount = 0
        var write = firstWrite
        while let current = write {
            current.leave()
            write = current.next
        }
    }

    private static func finishedWriting(_ request: UnsafeMutablePointer<uv_write_t>, status: Int32) {
        // Also of a stream that was closed meanwhile: its handle is freed after the last of these callbacks.
        Handle.withOwner(of: request.pointee.handle, as: ByteStream.self) { stream in
            let write = QueuedWrite.finished(request)
            if status == 0 { stream.traffic?.sent += write.byteCount }
            stream.heldByteCount -= write.heldCount
            stream.finished(write, status < 0 ? LoopError(rawValue: status) : nil)
        }
    }

    /// Writes that libuv has finished together are reported one by one, after the last of them has left its queue.
    private func finished(_ write: QueuedWrite, _ error: LoopError?) {
        assert(write === firstWrite, "writes end in their order")
        firstWrite = write.next
        if firstWrite == nil { lastWrite = nil }
        if let error {
            guard error != .cancelled else { return }
            readRest()
            end(error)
        } else if firstWrite == nil {
            events?.drained()
        }
    }
}
