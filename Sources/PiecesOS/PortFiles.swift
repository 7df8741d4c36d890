import Glibc

/// The files in which Pieces OS writes down the port that it listens on. They may be missing, empty, or of a Pieces OS
/// that has ended.
enum PortFiles {
    private static let file = "com.pieces.os/production/Config/.port.txt"
    private static let longest = 64

    /// The ports that are written down, each once, in the order in which they are to be tried.
    static func ports() -> [UInt16] {
        paths { getenv($0).map { UnsafeBufferPointer(start: $0, count: strlen($0)) }.map(Array.init) }
            .compactMap { port(in: $0) }
    }

    /// Paths are bytes here: nothing says that those of a home are UTF-8.
    /// - Parameter variable: the value of an environment variable.
    static func paths(_ variable: (String) -> [CChar]?) -> [[CChar]] {
        let home = variable("HOME").flatMap { $0.isEmpty ? nil : $0 }
        // What is relative is to be ignored (XDG Base Directory Specification).
        let data = variable("XDG_DATA_HOME").flatMap { $0.first == CChar(UInt8(ascii: "/")) ? $0 : nil }
        let directories = [data ?? home.map { $0 + bytes("/.local/share") }, home.map { $0 + bytes("/Documents") }]
        return directories.compactMap { $0 }.map { $0 + bytes("/" + file) }
    }

    private static func bytes(_ text: String) -> [CChar] { text.utf8.map { CChar(bitPattern: $0) } }

    private static func port(in path: [CChar]) -> UInt16? {
        guard let contents = readFile(path + [0], atMost: longest) else { return nil }
        let text = String(decoding: contents, as: UTF8.self)
        return text.split(whereSeparator: \.isWhitespace).first.flatMap { UInt16($0) }.flatMap { $0 > 0 ? $0 : nil }
    }
}
