import CLibUV

/// Bytes that the socket did not take at once, kept alive together with libuv's request until its callback.
final class QueuedWrite {
    private let request = UnsafeMutablePointer<uv_write_t>.allocate(capacity: 1)
    private let bytes: UnsafeMutableRawBufferPointer
    private let stream: ByteStream

    private init(_ bytes: UnsafeRawBufferPointer, on stream: ByteStream) {
        self.bytes = .allocate(byteCount: bytes.count, alignment: 1)
        self.bytes.copyMemory(from: bytes)
        self.stream = stream
        stream.heldByteCount += bytes.count
        stream.queuedTogether?.count += bytes.count
    }

    /// Copies the bytes and queues them. When libuv refuses at once, no callback will come.
    static func start(
        _ bytes: UnsafeRawBufferPointer,
        on stream: ByteStream,
        _ handle: UnsafeMutablePointer<uv_stream_t>
    ) throws(LoopError) {
        let write = QueuedWrite(bytes, on: stream)
        var buffer = uv_buf_t(base: write.bytes.baseAddress?.assumingMemoryBound(to: CChar.self), len: bytes.count)
        let retained = Unmanaged.passRetained(write)
        write.request.pointee.data = retained.toOpaque()
        do {
            try LoopError.check(uv_write(write.request, handle, &buffer, 1) { QueuedWrite.finished($0!, status: $1) })
        } catch {
            retained.release()
            throw error
        }
    }

    private static func finished(_ request: UnsafeMutablePointer<uv_write_t>, status: Int32) {
        let write = Unmanaged<QueuedWrite>.fromOpaque(request.pointee.data).takeRetainedValue()
        write.stream.finishedWriting(status < 0 ? LoopError(rawValue: status) : nil)
    }

    deinit {
        stream.heldByteCount -= bytes.count
        stream.queuedTogether?.count -= bytes.count
        request.deallocate()
        bytes.deallocate()
    }
}
