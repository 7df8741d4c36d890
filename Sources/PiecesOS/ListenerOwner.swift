import Glibc

/// Whose listener a TCP port of this machine is.
///
/// Any user can listen on a port above 1023, so what answers where nobody named an endpoint could be anybody. The kernel
/// knows (proc_pid_net(5), `/proc/net/tcp`); where it does not tell, nobody is trusted.
enum ListenerOwner {
    /// Whether all that may be listening for connections to a loopback address belong to this process's user or to root.
    static func isTrusted(address: String, port: UInt16) -> Bool {
        let owners = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path in
            Self.owners(address: address, port: port, table: Self.listeners(path))
        }
        return !owners.isEmpty && owners.allSatisfy { $0 == 0 || $0 == geteuid() }
    }

    /// The part of one of the kernel's tables that lists the listeners. It comes first (the kernel's proc_net_tcp.rst);
    /// the other connections of the machine can be tens of thousands, which would keep the loop for a long time.
    static func listeners(_ path: String) -> String {
        String(decoding: readFile(path, atMost: .max, while: mayGoOn) ?? [], as: UTF8.self)
    }

    /// Whether the last whole line of what has been read of a table is a listener, or the title.
    private static func mayGoOn(_ part: [UInt8]) -> Bool {
        let text = String(decoding: part.suffix(1024), as: UTF8.self)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
        guard let columns = lines.last?.split(separator: " "), columns.count > 3 else { return true }
        return columns[3] == listening || columns[3] == "st"
    }

    /// The user ids of the listeners in one of the kernel's tables. Its lines read
    /// `sl local_address rem_address st tx_queue:rx_queue tr:when retrnsmt uid …`, addresses and ports in hexadecimal.
    static func owners(address: String, port: UInt16, table: String) -> [UInt32] {
        let serving = serving[address] ?? []
        return table.split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: " ")
            guard columns.count > 7, columns[3] == listening else { return nil }
            let local = columns[1].split(separator: ":")
            guard local.count == 2, serving.contains(String(local[0])) else { return nil }
            guard UInt16(local[1], radix: 16) == port else { return nil }
            return UInt32(columns[7])
        }
    }

    private static let listening = "0A"

    /// What a listener can be bound to that takes connections to the address: 127.0.0.1, 0.0.0.0, ::ffff:127.0.0.1 and
    /// ::, or else ::1 and ::, each 32-bit word in the order of a little-endian machine.
    private static let serving: [String: Set<String>] = [
        "127.0.0.1": [
            "0100007F", "00000000", "0000000000000000FFFF00000100007F", "00000000000000000000000000000000",
        ],
        "::1": ["00000000000000000000000001000000", "00000000000000000000000000000000"],
    ]
}
