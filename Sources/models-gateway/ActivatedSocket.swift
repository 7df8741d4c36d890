import Gateway
import Glibc

/// A socket that the service manager has made and passed on, as sd_listen_fds(3) describes. It outlives the process, so
/// its name in the file system is not ours to remove.
struct ActivatedSocket {
    let descriptor: Int32
    /// What `FileDescriptorName=` says in the socket unit; the unit's own name without it.
    let name: String
    /// Where it is bound; for an abstract socket with an @ in front.
    let path: String

    private static let firstDescriptor: Int32 = 3

    /// - Parameter count: `LISTEN_FDS`.
    /// - Parameter names: `LISTEN_FDNAMES`, with a colon between each two.
    static func all(count: String, names: String?) throws -> [ActivatedSocket] {
        guard let count = Int32(count), 0...1024 ~= count else { throw Refusal("LISTEN_FDS is no count: \(count)") }
        let names = names?.split(separator: ":", omittingEmptySubsequences: false).map(String.init) ?? []
        guard names.isEmpty || names.count == count else {
            throw Refusal("LISTEN_FDNAMES has \(names.count) names for \(count) sockets")
        }
        return try (0..<count).map { index in
            try ActivatedSocket(
                descriptor: firstDescriptor + index,
                name: names.isEmpty ? "unknown" : names[Int(index)]
            )
        }
    }

    private init(descriptor: Int32, name: String) throws {
        guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
            throw Refusal("descriptor \(descriptor) (\(name)) of the service manager is not open")
        }
        guard Self.option(SO_DOMAIN, of: descriptor) == AF_UNIX,
            Self.option(SO_TYPE, of: descriptor) == Int32(SOCK_STREAM.rawValue),
            Self.option(SO_ACCEPTCONN, of: descriptor) == 1
        else { throw Refusal("descriptor \(descriptor) (\(name)) is not a Unix stream socket that listens") }
        self.descriptor = descriptor
        self.name = name
        path = Self.path(of: descriptor)
    }

    /// The path leads to this socket, however it is spelled.
    func isNamed(by path: String) -> Bool {
        if path == self.path { return true }
        // Others have no file, or one that is found only from the directory in which they were bound.
        guard self.path.hasPrefix("/"), let file = FileIdentity(of: self.path) else { return false }
        return FileIdentity(of: String(path.reversed().drop { $0 == "/" }.reversed())) == file
    }

    private static func option(_ option: Int32, of descriptor: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, option, &value, &length) == 0 ? value : nil
    }

    private static func path(of descriptor: Int32) -> String {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        let offset = MemoryLayout.offset(of: \sockaddr_un.sun_path) ?? 0
        guard status == 0, Int(length) > offset else { return "" }
        return withUnsafeBytes(of: &address.sun_path) { bytes in
            let name = bytes.prefix(Int(length) - offset)
            guard name.first == 0 else { return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) }
            return "@" + String(decoding: name.dropFirst(), as: UTF8.self)
        }
    }
}
