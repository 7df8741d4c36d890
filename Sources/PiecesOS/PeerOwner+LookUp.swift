import EventLoop

extension PeerOwner {
    /// Looks in the kernel's tables; `found` is told what speaks against the connection, if anything does.
    func lookUp(for endpoint: Endpoint, loop: Loop, _ found: @escaping (UpstreamError?) -> Void) -> SocketTables {
        var owner = self
        return SocketTables(
            loop: loop,
            ports: [port],
            part: .all,
            line: { owner.take($0) },
            ended: { error in found(error.map(SocketTables.notReadable) ?? owner.objection(to: endpoint)) }
        )
    }

    private func objection(to endpoint: Endpoint) -> UpstreamError? {
        switch verdict {
        case .trusted: nil
        case .distrusted(let user): .distrusted(user: user, at: endpoint.description)
        case .unknown: .unreachable("cannot tell whose the connection to \(endpoint) is")
        }
    }
}
