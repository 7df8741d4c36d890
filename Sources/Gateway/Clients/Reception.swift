import EventLoop
import Logging

/// Accepts connections, and lets in those whom the policy of their socket names as long as there is room.
final class Reception {
    private let log: ClientLog
    private var admission: Admission
    private(set) var refusals: [Admission.Refusal: Int] = [:]
    private var listeners: [(listener: UnixListener, socket: ListeningSocket)] = []
    private var welcome: ((ByteStream, ListeningSocket, PeerCredentials) -> Void)?

    /// - Parameter sockets: the reception then owns their descriptors.
    init(loop: Loop, sockets: [ListeningSocket], limits: Limits, log: ClientLog) throws(LoopError) {
        self.log = log
        admission = Admission(
            maximum: limits.connections,
            maximumPerUser: limits.connectionsPerUser ?? limits.connections
        )
        for socket in sockets {
            let family: ByteStream.Family = socket.isDoor ? .internet : .unix
            listeners.append((try UnixListener(loop: loop, adopting: socket.descriptor, family), socket))
        }
    }

    /// Starts to accept.
    /// - Parameter welcome: takes a client that has been let in, for which `leave` is to be called later.
    func open(_ welcome: @escaping (ByteStream, ListeningSocket, PeerCredentials) -> Void) throws(LoopError) {
        self.welcome = welcome
        for (listener, socket) in listeners {
            try listener.listen { [self] stream in accept(stream, at: socket) }
        }
    }

    private func accept(_ stream: ByteStream, at socket: ListeningSocket) {
        guard let descriptor = try? stream.descriptor(), let peer = PeerCredentials(of: descriptor) else {
            return stream.close()
        }
        let refusal = admission.enter(
            peer,
            by: socket.policy,
            otherGroups: { PeerCredentials.otherGroups(of: descriptor) }
        )
        if let refusal {
            stream.close()
            refusals[refusal, default: 0] += 1
            return log.report("refused a connection", peer, at: socket, refusal.rawValue)
        }
        socket.counts.connections += 1
        welcome?(stream, socket, peer)
    }

    func leave(_ peer: PeerCredentials, from socket: ListeningSocket) {
        socket.counts.connections -= 1
        admission.leave(peer)
    }

    /// Accepts nobody any more.
    func close() {
        for (listener, _) in listeners { listener.close() }
        listeners = []
        welcome = nil
    }
}
