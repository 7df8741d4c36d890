import CLibUV

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
                if case .unix(let path) = address {
                    guard path.utf8.count <= SocketAddress.maximumPathLength else { throw .nameTooLong }
                    uv_pipe_connect(request, handle.cast(to: uv_pipe_t.self), path) {
                        ByteStream.finishedConnecting($0!, status: $1)
                    }
                    return 0
                }
                let tcp = handle.cast(to: uv_tcp_t.self)
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
}
