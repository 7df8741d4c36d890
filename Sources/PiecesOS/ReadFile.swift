import Glibc

/// The beginning of a file, or `nil` if it cannot be read.
/// - Parameter path: bytes, the last of them 0.
func readFile(_ path: [CChar], atMost limit: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var contents: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 * 1024)
    while contents.count < limit {
        let count = Glibc.read(descriptor, &chunk, min(chunk.count, limit - contents.count))
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { return nil }
        guard count > 0 else { break }
        contents += chunk[..<count]
    }
    return contents
}
