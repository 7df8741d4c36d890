/// What large requests take that no longer wait for a connection, but have not been written either. Small ones do not count:
/// the system takes them at once, and there are no more than connections.
final class UnwrittenRequests {
    /// Bytes of all of them.
    private(set) var size = 0
    private var sizes: [ObjectIdentifier: Int] = [:]

    /// Bytes of those of one client.
    func size(of client: ObjectIdentifier) -> Int { sizes[client] ?? 0 }

    func add(_ size: Int, of client: ObjectIdentifier) {
        self.size += size
        sizes[client, default: 0] += size
    }

    func remove(_ size: Int, of client: ObjectIdentifier) {
        self.size -= size
        let rest = self.size(of: client) - size
        sizes[client] = rest > 0 ? rest : nil
    }
}

@available(*, unavailable) extension UnwrittenRequests: Sendable {}
