import EventLoop
import Glibc

/// The socket's name in the file system, and the descriptor that listens there. Made so that it is never for one moment
/// open to others than its mode says.
package struct SocketFile {
    package let path: String
    package let descriptor: Int32
    /// So that only our own is removed.
    package let identity: FileIdentity

    // Linux's own, which Glibc shows to C alone that asks for them: O_PATH and AT_EMPTY_PATH.
    private static let pathOnly: Int32 = 0o1000_0000
    private static let emptyPath: Int32 = 0x1000

    /// - Parameters:
    ///   - mode: the permission bits of the socket; who may write to it may connect.
    ///   - group: the group that the socket is given to, if any.
    package init(path: String, mode: UInt32, group: UInt32? = nil) throws(SocketFileError) {
        let directory = Self.directory(of: path)
        let lock = try Self.lock(directory)
        defer { if let lock { close(lock) } }
        try Self.removeIfDead(path)

        let descriptor = Self.makeSocket()
        guard descriptor >= 0 else { throw .system("cannot make a socket", errno) }
        do throws(SocketFileError) {
            identity = try Self.bind(descriptor, to: path, mode: mode, group: group)
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
        // While the lock is held, because a socket that does not listen looks like one that was left behind.
        guard listen(descriptor, SOMAXCONN) == 0 else {
            let problem = errno
            close(descriptor)
            remove()
            throw .system("cannot listen at \(path)", problem)
        }
    }

    /// Names the socket, and gives it to its group before it listens, so that nobody of the first one can connect.
    private static func bind(
        _ descriptor: Int32,
        to path: String,
        mode: mode_t,
        group: gid_t?
    ) throws(SocketFileError) -> FileIdentity {
        let mask = umask(0o777 & ~mode)
        let bound = withAddress(of: path) { Glibc.bind(descriptor, $0, $1) }
        let problem = errno
        umask(mask)
        guard bound == 0 else { throw .system("cannot listen at \(path)", problem) }

        // By descriptor, because where others may write to the directory the name can have become another file.
        let file = open(path, Self.pathOnly | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw .system("cannot look at the socket made at \(path)", errno) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK, status.st_uid == geteuid() else {
            throw .replaced(path)
        }
        if let group, fchownat(file, "", uid_t.max, group, Self.emptyPath) != 0 {
            let problem = errno
            Self.remove(path, FileIdentity(status))
            throw .system("cannot give \(path) to its group", problem)
        }
        return FileIdentity(status)
    }

    /// Removes the name, unless somebody else has put something there.
    package func remove() {
        Self.remove(path, identity)
    }

    private static func remove(_ path: String, _ identity: FileIdentity) {
        if FileIdentity(of: path) == identity { unlink(path) }
    }

    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Two gateways that start at once must not both find the same dead socket and remove each other's new one. In a
    /// directory like /tmp anybody can hold the lock, so that waiting for it has an end. One that cannot be read cannot
    /// be locked; whether a socket can be made in it is for bind(2) to say.
    private static func lock(_ directory: String) throws(SocketFileError) -> Int32? {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            switch errno {
            case EACCES: return nil
            case ENOENT: throw .noDirectory(directory)
            default: throw .system("cannot use the directory \(directory)", errno)
            }
        }
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
}

/// Why the gateway cannot listen at a path.
package enum SocketFileError: Error, Equatable, CustomStringConvertible {
    case notASocket(String)
    case isServed(String)
    case replaced(String)
    case noDirectory(String)
    case system(String, Int32)

    package var description: String {
        switch self {
        case .notASocket(let path): "\(path) exists and is not a socket; it stays as it is"
        case .isServed(let path): "\(path) is served by a running process; stop that one, or name another --socket"
        case .replaced(let path): "somebody has put another file at \(path); use a directory that only you can write to"
        case .noDirectory(let path): "there is no directory \(path); make it with: mkdir -p -m 700 '\(path)'"
        case .system(let what, let number): "\(what): \(String(cString: strerror(number)))"
        }
    }
}
