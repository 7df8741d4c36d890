import ArgumentParser
import EventLoop
import Gateway
import Glibc
import PiecesOS

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
        let directory = runtime.hasPrefix("/") ? "\(runtime)/models-gateway" : "/tmp/models-gateway-\(getuid())"
        let path = try SocketPath(checked: "\(directory)/gateway.sock")
        if mkdir(directory, 0o700) != 0, errno != EEXIST {
            throw Refusal("cannot make \(directory): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(),
            status.st_mode & 0o077 == 0
        else { throw Refusal("\(directory) is not a directory that is yours alone; name another place with --socket") }
        return path
    }
}

/// What `--socket-mode` says: permission bits in octal.
struct SocketMode: ExpressibleByArgument {
    let bits: mode_t

    init?(argument: String) {
        guard let bits = ListenSpecification.mode(octal: argument) else { return nil }
        self.bits = bits
    }
}

/// What options about times say: a whole number and its unit.
struct Duration: ExpressibleByArgument {
    let milliseconds: UInt64

    private static let units: [(name: String, milliseconds: UInt64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000),
    ]

    init(milliseconds: UInt64) {
        self.milliseconds = milliseconds
    }

    init?(argument: String) {
        let digits = argument.prefix(while: { ("0"..."9").contains($0) })
        let unit = argument.dropFirst(digits.count)
        guard let number = UInt64(digits), let found = Self.units.first(where: { $0.name == unit }) else { return nil }
        let (milliseconds, overflows) = number.multipliedReportingOverflow(by: found.milliseconds)
        guard !overflows, 1...UInt64(Int32.max) ~= milliseconds else { return nil }
        self.milliseconds = milliseconds
    }

    var defaultValueDescription: String {
        let unit = Self.units.last { milliseconds % $0.milliseconds == 0 } ?? Self.units[0]
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}

/// What `--upstream` says. A host that nobody knows is no fault of the command line, so it is reported later.
struct UpstreamArgument {
    let location: Result<UpstreamLocation, UpstreamLocationError>

    static let auto = UpstreamArgument(location: .success(.auto))

    private init(location: Result<UpstreamLocation, UpstreamLocationError>) {
        self.location = location
    }

    init(parsing text: String) throws {
        do {
            location = .success(try UpstreamLocation(parsing: text))
        } catch .notUsable(let reason) {
            throw ValidationError(reason)
        } catch {
            location = .failure(error)
        }
    }
}

/// What the machine does not let the gateway do. Ends the process with exit code 1.
struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// The number of a group, from its name or from itself.
func groupID(_ text: String) -> UInt32? {
    if let group = getgrnam(text) { return group.pointee.gr_gid }
    return text.allSatisfy(\.isNumber) ? UInt32(text).flatMap { $0 == .max ? nil : $0 } : nil
}
