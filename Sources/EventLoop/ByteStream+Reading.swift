import CLibUV
import Glibc

extension ByteStream {
    private static let maximumReadsOfRest = 4

    /// Sets what happens with what arrives, and starts reading.
    package func startReading(_ events: Events) throws(LoopError) {
        self.events = events
        try resumeReading()
    }

    /// Goes on reading after `pauseReading()`.
    package func resumeReading() throws(LoopError) {
        guard !hasEnded, !isReading else { return }
        try withHandle { handle in
            uv_read_start(
                handle,
                { handle, _, buffer in
                    buffer!.pointee = Handle.withOwner(of: handle!, as: ByteStream.self) { $0.bufferToRead() }
                },
                { handle, count, buffer in
                    Handle.withOwner(of: handle!, as: ByteStream.self) { $0.received(count, buffer!.pointee.base) }
                }
            )
        }
        isReading = true
    }

    /// Leaves what arrives in the socket, so that the peer feels it.
    package func pauseReading() {
        isReading = false
        guard let handle = handle.pointer else { return }
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
            traffic?.received += count
            events?.received(UnsafeRawBufferPointer(start: base, count: count))
        } else if count < 0 {
            end(count == Int(UV_EOF.rawValue) ? pendingError() : LoopError(rawValue: Int32(count)))
        }
    }

    /// Reads what the peer had sent before it went away, which may say why: a server that does not want the rest of a
    /// request answers and closes. Bounded, because a peer can go on writing after it has stopped reading.
    func readRest() {
        for _ in 0..<Self.maximumReadsOfRest where !readNow() { return }
    }

    /// Reads what has arrived, and says whether that was anything.
    private func readNow() -> Bool {
        guard isReading, let descriptor = try? descriptor() else { return false }
        let buffer = loop.readBuffer
        let count = read(descriptor, buffer.baseAddress, readSize)
        guard count > 0 else { return false }
        traffic?.received += count
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

    func end(_ error: LoopError?) {
        guard !hasEnded else { return }
        hasEnded = true
        pauseReading()
        events?.ended(error)
    }
}
