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
        let directory = try runtimeDirectory().map { "\($0)/models-gateway" } ?? "/tmp/models-gateway-\(geteuid())"
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

    /// `$XDG_RUNTIME_DIR`; a relative one does not count, as its specification says.
    private static func runtimeDirectory() throws -> String? {
        guard let value = getenv("XDG_RUNTIME_DIR"), value[0] == UInt8(ascii: "/") else { return nil }
        let next = "unset it, or name a socket with --socket"
        guard let directory = String(validatingCString: value) else {
            throw ValidationError("XDG_RUNTIME_DIR is not UTF-8: \(printable(value)); \(next)")
        }
        var status = stat()
        guard stat(directory, &status) == 0 else {
            let problem = String(cString: strerror(errno))
            throw Refusal("cannot use XDG_RUNTIME_DIR, which is \(directory): \(problem); make that directory, \(next)")
        }
        // Who gets another user's variable (sudo -E) would leave a directory there that keeps that user's gateway out.
        guard status.st_uid == geteuid() else {
            throw Refusal(
                "XDG_RUNTIME_DIR is \(directory), which belongs to user \(status.st_uid), and this is user \(geteuid()); "
                    + next
            )
        }
        return directory
    }
}
