import ArgumentParser
import EventLoop
import Glibc

/// What `--socket` says.
struct SocketPath: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard !argument.isEmpty, argument.utf8.count <= SocketAddress.maximumPathLength else { return nil }
        text = argument
    }

    private init(checked text: String) throws {
        guard text.utf8.count <= SocketAddress.maximumPathLength else {
            throw Refusal(
                "the default socket \(text) has more than \(SocketAddress.maximumPathLength) bytes; name --socket"
            )
        }
        self.text = text
    }

    /// The socket for who names none, in a directory that only the user can enter, which is made if it is missing.
    static func makeDefault() throws -> SocketPath {
        let runtime = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) } ?? ""
        let directory = runtime.hasPrefix("/") ? "\(runtime)/models-gateway" : "/tmp/models-gateway-\(geteuid())"
        let path = try SocketPath(checked: "\(directory)/gateway.sock")
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw Refusal("cannot make \(directory): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else { throw Refusal("\(directory) is not a directory that is yours alone; name another place with --socket") }
        return path
    }
}
