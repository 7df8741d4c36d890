import Glibc

/// Whose listener a TCP port of this machine is.
///
/// Any user can listen on a port above 1023, so what answers where nobody named an endpoint could be anybody. The kernel
/// knows (proc_pid_net(5), `/proc/net/tcp`); where it does not tell, nobody is trusted.
enum ListenerOwner {
    /// Whether all that listen there for loopback connections belong to this process's user or to root.
    static func isTrusted(port: UInt16) -> Bool {
        let owners =
            owners(port: port, table: read("/proc/net/tcp"))
            + owners(port: port, table: read("/proc/net/tcp6"))
        return !owners.isEmpty && owners.allSatisfy { $0 == 0 || $0 == geteuid() }
    }

    /// The user ids of the listeners in one of the kernel's tables. Its lines read
    /// `sl local_address rem_address st tx_queue:rx_queue tr:when retrnsmt uid …`, addresses and ports in hexadecimal.
    static func owners(port: UInt16, table: String) -> [UInt32] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: " ")
            guard columns.count > 7, columns[3] == listening else { return nil }
            let local = columns[1].split(separator: ":")
            guard local.count == 2, reachableOverLoopback.contains(String(local[0])) else { return nil }
            guard UInt16(local[1], radix: 16) == port else { return nil }
            return UInt32(columns[7])
        }
    }

    private static let listening = "0A"

    /// 127.0.0.1, 0.0.0.0, ::1, :: and ::ffff:127.0.0.1, each 32-bit word in the order of a little-endian machine.
    private static let reachableOverLoopback: Set<String> = [
        "0100007F", "00000000", "00000000000000000000000001000000", "00000000000000000000000000000000",
        "0000000000000000FFFF00000100007F",
    ]

    private static func read(_ path: String) -> String {
        String(decoding: readFile(path, atMost: .max) ?? [], as: UTF8.self)
    }
}

/// The beginning of a small file, or `nil` if it cannot be read.
func readFile(_ path: String, atMost limit: Int) -> [UInt8]? {
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
