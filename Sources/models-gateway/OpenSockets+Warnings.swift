import Gateway
import Glibc
import Logging

extension OpenSockets {
    /// Logs what is possible, but not what anybody can have meant.
    func warn(_ logger: Logger) {
        for door in doors where !door.path.hasPrefix("@") {
            warnOfGroup(at: door, logger)
            warnOfDirectory(of: door, logger)
        }
    }

    /// Members of the group can connect, and are turned away then.
    private func warnOfGroup(at door: Gateway.Door, _ logger: Logger) {
        var status = stat()
        guard lstat(door.path, &status) == 0, status.st_mode & S_IWGRP != 0,
            door.policy.users == [geteuid()], !door.policy.groups.contains(status.st_gid)
        else { return }
        logger.warning(
            "the mode lets a group connect of whom nobody is served; add gid=\(status.st_gid) to the socket's --listen",
            metadata: ["socket": "\(door.path)", "mode": "0\(String(status.st_mode & 0o777, radix: 8))"]
        )
    }

    /// Directories are mounted into sandboxes whole, with what is below them.
    private func warnOfDirectory(of door: Gateway.Door, _ logger: Logger) {
        guard let directory = Self.directory(of: door) else { return }
        for other in doors where !door.policy.calls.isSuperset(of: other.policy.calls) {
            guard Self.directory(of: other)?.hasPrefix(directory) == true else { continue }
            logger.warning(
                """
                a socket that allows less has one that allows more in its directory: a sandbox that the directory is \
                mounted into can use both; put each into a directory of its own
                """,
                metadata: ["socket": "\(door.path)", "allowing-more": "\(other.path)"]
            )
        }
    }

    /// With a slash behind and without symbolic links. `nil` for an abstract socket.
    private static func directory(of door: Gateway.Door) -> String? {
        guard !door.path.hasPrefix("@"), let real = realpath(SocketFile.directory(of: door.path), nil) else {
            return nil
        }
        defer { free(real) }
        let path = String(cString: real)
        return path == "/" ? path : path + "/"
    }
}
