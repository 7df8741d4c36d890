import EventLoop
import Glibc

/// The socket's name in the file system, and the descriptor that listens there. Made so that it is never for one moment
/// open to others than its mode says.
package struct SocketFile {
    package let path: String
    package let descriptor: Int32
    private let identity: Identity

    /// Which file it is, so that only our own is removed.
    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t
    }

    /// - Parameters:
    ///   - mode: the permission bits of the socket; who may write to it may connect.
    ///   - group: the group that the socket is given to, if any.
    package init(path: String, mode: UInt32, group: UInt32? = nil) throws(SocketFileError) {
        let directory = Self.directory(of: path)
        let lock = try Self.lock(directory)
        defer { close(lock) }
        try Self.removeIfDead(path)

        let descriptor = Self.makeSocket()
        guard descriptor >= 0 else { throw .system("cannot make a socket", errno) }
        let mask = umask(0o777 & ~mode)
        var status = Self.withAddress(of: path) { bind(descriptor, $0, $1) }
        let isBound = status == 0
        // Before it listens, so that nobody of the first group can connect.
        if status == 0, let group { status = lchown(path, uid_t.max, group) }
        // While the lock is held, because a socket that does not listen looks like one that was left behind.
        if status == 0 { status = listen(descriptor, SOMAXCONN) }
        let problem = errno
        umask(mask)
        guard status == 0, let identity = Self.identity(of: path) else {
            close(descriptor)
            if isBound { unlink(path) }
            throw .system("cannot listen at \(path)", problem)
        }
        self.path = path
        self.descriptor = descriptor
        self.identity = identity
    }

    /// Removes the name, unless somebody else has put something there.
    package func remove() {
        if Self.identity(of: path) == identity { unlink(path) }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Two gateways that start at once must not both find the same dead socket and remove each other's new one. In a
    /// directory like /tmp anybody can hold the lock, so that waiting for it has an end.
    private static func lock(_ directory: String) throws(SocketFileError) -> Int32 {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("cannot use the directory \(directory)", errno) }
        var tries = 100
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, tries > 0 {
            usleep(10_000)
            tries -= 1
        }
        return descriptor
    }

    /// Makes way at a path that is taken: only for a socket, and only when nobody answers behind it any more.
    private static func removeIfDead(_ path: String) throws(SocketFileError) {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw .system("cannot look at \(path)", errno) }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }

        let probe = makeSocket()
        guard probe >= 0 else { throw .system("cannot make a socket", errno) }
        defer { close(probe) }
        let connected = withAddress(of: path) { connect(probe, $0, $1) }
        // A full backlog (EAGAIN) is a sign of life too.
        guard connected != 0, errno != EAGAIN else { throw .isServed(path) }
        guard errno == ECONNREFUSED else { throw .system("cannot tell whether \(path) is in use", errno) }
        guard unlink(path) == 0 else { throw .system("cannot remove the socket left at \(path)", errno) }
    }

    private static func makeSocket() -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        return socket(AF_UNIX, kind, 0)
    }

    private static func withAddress(of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        precondition(path.utf8.count <= SocketAddress.maximumPathLength, "the command line has checked the length")
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func identity(of path: String) -> Identity? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        return Identity(device: status.st_dev, inode: status.st_ino)
    }
}

/// Why the gateway cannot listen at a path.
package enum SocketFileError: Error, Equatable, CustomStringConvertible {
    case notASocket(String)
    case isServed(String)
    case system(String, Int32)

    package var description: String {
        switch self {
        case .notASocket(let path): "\(path) exists and is not a socket; it stays as it is"
        case .isServed(let path): "\(path) is served by a running process; stop that one, or name another --socket"
        case .system(let what, let number): "\(what): \(String(cString: strerror(number)))"
        }
    }
}
