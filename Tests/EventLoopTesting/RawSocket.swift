import Glibc

/// A socket that is used by system calls alone: the other end of what a test is about.
package final class RawSocket {
    package let descriptor: Int32
    private var isOpen = true

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        // What is written to a peer that has gone is an error, here as in the daemon.
        signal(SIGPIPE, SIG_IGN)
    }

    deinit { close() }

    package func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    /// Gives the descriptor to whoever closes it from now on.
    package func release() -> Int32 {
        isOpen = false
        return descriptor
    }

    private static let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)

    // MARK: - Making

    package static func pair() throws -> (RawSocket, RawSocket) {
        var descriptors: [Int32] = [-1, -1]
        try SystemError.check(socketpair(AF_UNIX, stream, 0, &descriptors))
        return (RawSocket(descriptors[0]), RawSocket(descriptors[1]))
    }

    /// A Unix socket that has a name but does not listen.
    package static func bound(to path: String) throws -> RawSocket {
        let made = RawSocket(try SystemError.check(socket(AF_UNIX, stream, 0)))
        try SystemError.check(withAddress(of: path) { bind(made.descriptor, $0, $1) })
        return made
    }

    package static func listening(at path: String) throws -> RawSocket {
        let made = try bound(to: path)
        try made.startListening()
        return made
    }

    package static func connected(to path: String) throws -> RawSocket {
        let made = RawSocket(try SystemError.check(socket(AF_UNIX, stream, 0)))
        try SystemError.check(withAddress(of: path) { connect(made.descriptor, $0, $1) })
        return made
    }

    /// A TCP socket on a port of 127.0.0.1 that the system chooses; it does not listen.
    package static func boundToLoopback() throws -> (RawSocket, port: UInt16) {
        let (made, address) = try boundToLoopbackAddress()
        return (made, UInt16(bigEndian: address.sin_port))
    }

    /// A TCP socket that is its own peer (RFC 9293, simultaneous open).
    package static func connectedToItself() throws -> RawSocket {
        var (made, address) = try boundToLoopbackAddress()
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let status = connect(made.descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                guard status == 0 || errno == EINPROGRESS else { throw SystemError(number: errno) }
            }
        }
        return made
    }

    private static func boundToLoopbackAddress() throws -> (RawSocket, sockaddr_in) {
        let made = RawSocket(try SystemError.check(socket(AF_INET, stream, 0)))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try SystemError.check(bind(made.descriptor, $0, length))
                try SystemError.check(getsockname(made.descriptor, $0, &length))
            }
        }
        return (made, address)
    }

    private static func withAddress(of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    // MARK: - Using

    package func startListening() throws {
        try SystemError.check(listen(descriptor, 256))
    }

    /// The next connection that waits here, or `nil`.
    package func accept() -> RawSocket? {
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { return nil }
        _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
        return RawSocket(accepted)
    }

    package func write(_ text: String) throws {
        try write(Array(text.utf8))
    }

    package func write(_ bytes: [UInt8]) throws {
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw SystemError(number: errno) }
    }

    /// What has arrived, as far as it has.
    package func readAvailable() -> [UInt8] {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return all }
            all += chunk[..<count]
        }
    }

    /// Whether the peer has closed its end and everything before that is read.
    package var isAtEnd: Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK)) == 0
    }

    package func shutDownWriting() {
        shutdown(descriptor, Int32(SHUT_WR))
    }
}
