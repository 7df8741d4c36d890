import CLibUV
import Glibc

extension ByteStream {
    /// Has small writes leave at once instead of waiting for more (TCP only).
    package func disableWriteCoalescing() throws(LoopError) {
        try withHandle { uv_tcp_nodelay($0.cast(to: uv_tcp_t.self), 1) }
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
        return withUnsafeMutableBytes(of: &storage) { bytes in
            var length = Int32(bytes.count)
            guard let base = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return 0 }
            return get(handle.cast(to: uv_tcp_t.self), base, &length)
        }
    }

    /// The socket's descriptor, which stays the stream's.
    package func descriptor() throws(LoopError) -> Int32 {
        var descriptor: Int32 = -1
        try withHandle { uv_fileno($0.cast(to: uv_handle_t.self), &descriptor) }
        return descriptor
    }

    /// Whether nothing has arrived that was not received yet, not even the end.
    package var isQuiet: Bool {
        guard let descriptor = try? descriptor() else { return false }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) < 0 && errno == EAGAIN
    }

    /// libuv reports the end without another read when the system says 'hung up' right behind the last bytes. A reset
    /// says that too, and only the socket can tell it from a proper end.
    func pendingError() -> LoopError? {
        guard let descriptor = try? descriptor() else { return nil }
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
        return number == 0 ? nil : .system(number)
    }
}
