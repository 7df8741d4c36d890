import Glibc

/// Who listens on ports of this machine. Any user can listen on a port above 1023, so that what answers where nobody
/// named an endpoint could be anybody.
struct Listeners {
    private var users: [SocketLine.End: [UInt32]] = [:]

    /// Whether what the user serves is trusted where nobody named it.
    static func trust(_ user: UInt32) -> Bool { user == 0 || user == geteuid() }

    mutating func add(_ line: SocketLine) {
        if line.state == .listening { users[line.local, default: []].append(line.user) }
    }

    /// The users whose sockets take connections to the address.
    func users(serving address: String, port: UInt16) -> [UInt32] {
        SocketTableAddress.forms(of: address).flatMap { users(serving: SocketLine.End(address: $0, port: port)) }
    }

    /// The same, of an address as it is in a table.
    func users(serving end: SocketLine.End) -> [UInt32] {
        users[end, default: []] + users[SocketLine.End(address: end.address.everyAddress, port: end.port), default: []]
    }
}
