import ArgumentParser
import EventLoop
import Glibc

/// What `--socket` says.
struct SocketPath {
    let text: String

    init(parsing argument: String) throws {
        if let fault = SocketAddress.fault(inPath: argument) { throw ValidationError(fault) }
        text = argument
    }

    private init(below directory: String) throws {
        text = "\(directory)/gateway.sock"
        if let fault = SocketAddress.fault(inPath: text) {
            throw Refusal("the default socket \(text) cannot be used: \(fault); name another with --socket")
        }
    }

    /// The socket for who names none, in a directory that only the user can enter, which is made if it is missing.
    static func makeDefault() throws -> SocketPath {
        let runtime = getenv("XDG_RUNTIME_DIR").map { String(cString: $0) } ?? ""
        let directory = runtime.hasPrefix("/") ? "\(runtime)/models-gateway" : "/tmp/models-gateway-\(geteuid())"
        let path = try SocketPath(below: directory)
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw Refusal("cannot make \(directory): \(String(cString: strerror(errno))); name another --socket")
        }
        var status = stat()
        guard lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else { throw Refusal("\(directory) is not a directory that is yours alone; name another place with --socket") }
        return path
    }
}
