import ArgumentParser
import Glibc

/// What is sent: the argument itself, or where it says that it is.
enum InputText {
    /// More than a request can be.
    private static let longest = 64 << 20

    /// - Parameter argument: JSON, `@FILE`, or `-` for standard input.
    static func read(_ argument: String) throws -> [UInt8] {
        if argument == "-" { return try readAll(STDIN_FILENO, "standard input") }
        guard argument.hasPrefix("@") else { return Array(argument.utf8) }
        let path = String(argument.dropFirst())
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        return try readAll(file, path)
    }

    private static func readAll(_ file: Int32, _ name: String) throws -> [UInt8] {
        var all: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &room, room.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(name) }
            if count == 0 { return all }
            all += room[..<count]
            guard all.count <= longest else {
                throw CallFailure(code: "RESOURCE_EXHAUSTED", message: "\(name) is too long for a request.")
            }
        }
    }

    private static func failure(_ name: String) -> CallFailure {
        CallFailure(code: "NOT_FOUND", message: "\(name) cannot be read: \(String(cString: strerror(errno))).")
    }
}
