import Contract
import Gateway
import Glibc
import Logging

extension OpenSockets {
    /// Logs what is possible, but not what anybody can have meant.
    func warn(_ logger: Logger) {
        for socket in sockets where !socket.path.hasPrefix("@") {
            warnOfGroup(at: socket, logger)
            warnOfDirectory(of: socket, logger)
        }
    }

    /// Members of the group can connect, and are turned away then.
    private func warnOfGroup(at socket: ListeningSocket, _ logger: Logger) {
        var status = stat()
        guard lstat(socket.path, &status) == 0, status.st_mode & S_IWGRP != 0,
            socket.policy.users == [geteuid()], !socket.policy.groups.contains(status.st_gid)
        else { return }
        logger.warning(
            "the mode lets a group connect of whom nobody is served; add gid=\(status.st_gid) to the socket's --listen",
            metadata: ["socket": "\(socket.path)", "mode": "0\(String(status.st_mode & 0o777, radix: 8))"]
        )
    }

    /// Directories are mounted into sandboxes whole, with what is below them.
    private func warnOfDirectory(of socket: ListeningSocket, _ logger: Logger) {
        guard let directory = Self.directory(of: socket) else { return }
        for other in sockets where !socket.policy.methods.isSuperset(of: other.policy.methods) {
            guard Self.directory(of: other)?.hasPrefix(directory) == true else { continue }
            logger.warning(
                """
                a socket that allows less has one that allows more in its directory: a sandbox that the directory is \
                mounted into can use both; put each into a directory of its own
                """,
                metadata: ["socket": "\(socket.path)", "allowing-more": "\(other.path)"]
            )
        }
    }

    /// With a slash behind and without symbolic links. `nil` for an abstract socket.
    private static func directory(of socket: ListeningSocket) -> String? {
        guard !socket.path.hasPrefix("@"), let real = realpath(SocketFile.directory(of: socket.path), nil) else {
            return nil
        }
        defer { free(real) }
        let path = String(cString: real)
        return path == "/" ? path : path + "/"
    }
}
