/// Whose the other end of a connection within this machine is, from the lines of the kernel's tables in their order.
///
/// It is about the connection that was made: who listens on the port may be another by now.
struct PeerOwner {
    enum Verdict: Equatable {
        case trusted
        case distrusted(user: UInt32)
        /// The connection is not there, or not any more.
        case unknown
    }

    let port: UInt16
    private let ownPort: UInt16
    /// The address of both ends, as it is in the tables.
    private let forms: [SocketTableAddress]
    private var listeners = Listeners()
    private(set) var verdict = Verdict.unknown

    /// - Parameters:
    ///   - address: the loopback address of the peer, from which a connection to it comes too.
    ///   - ownPort: that of our end.
    init(address: String, port: UInt16, ownPort: UInt16) {
        self.port = port
        self.ownPort = ownPort
        forms = SocketTableAddress.forms(of: address)
    }

    /// - Returns: whether it takes more to tell.
    mutating func take(_ line: SocketLine) -> Bool {
        listeners.add(line)
        guard line.local.port == port, line.remote.port == ownPort, forms.contains(line.local.address),
            line.remote.address == line.local.address
        else { return true }
        verdict = judge(line)
        return verdict == .unknown
    }

    /// Until a process has accepted the connection, it is its listener's, which must be there then and was in the table
    /// before it. Older kernels say of such a connection that it is root's.
    private func judge(_ peer: SocketLine) -> Verdict {
        var users = listeners.users(serving: peer.local)
        switch (peer.state, peer.inode) {
        case (.established, 0), (.closeWait, 0), (.synReceived, _):
            guard !users.isEmpty else { return .unknown }
        case (_, 0): return .unknown
        default: users.append(peer.user)
        }
        return users.first { !Listeners.trust($0) }.map { .distrusted(user: $0) } ?? .trusted
    }
}
