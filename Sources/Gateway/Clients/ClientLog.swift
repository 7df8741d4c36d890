import EventLoop
import Logging

/// Writes about clients that are not served, unless there have been enough entries of them.
final class ClientLog {
    private let loop: Loop
    private let logger: Logger
    private var refusals = RefusalRecord()

    init(loop: Loop, logger: Logger) {
        self.loop = loop
        self.logger = logger
    }

    func report(_ message: Logger.Message, _ peer: PeerCredentials, at socket: ListeningSocket, _ reason: String) {
        let verdict = refusals.add(peer, at: socket.path, reason, now: loop.now)
        guard case .log(let unlogged) = verdict else { return }
        var metadata: Logger.Metadata = [
            "socket": "\(socket.path)", "uid": "\(peer.user)", "pid": "\(peer.process)", "reason": "\(reason)",
        ]
        if unlogged > 0 { metadata["unlogged"] = "\(unlogged)" }
        logger.warning(message, metadata: metadata)
    }
}
