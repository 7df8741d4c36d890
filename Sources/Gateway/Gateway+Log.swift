import Logging
import PiecesOS
import TTRPC

extension Gateway {
    /// Writes one entry when something becomes of Pieces OS, however many calls notice.
    func log(_ change: UpstreamChange) {
        switch change {
        case .found(let location): logger.info("Pieces OS found", metadata: ["url": "\(location)"])
        case .lost(let reason): logger.info("Pieces OS lost", metadata: ["reason": "\(reason)"])
        case .absent(let reason): logger.info("Pieces OS is not there", metadata: ["reason": "\(reason)"])
        case .notReady(let reason): logger.info("Pieces OS not ready", metadata: ["reason": "\(reason)"])
        case .distrusted(let user, let location):
            logger.info("a listener is distrusted", metadata: ["uid": "\(user)", "url": "\(location)"])
        }
    }

    /// - Parameter start: when it came, by `Loop.now`.
    func log(_ rpc: RPC, _ code: Status.Code, since start: UInt64, of peer: PeerCredentials) {
        guard logsCalls else { return }
        logger.debug(
            "call",
            metadata: [
                "method": "\(rpc.method)", "code": "\(code.name)", "milliseconds": "\(now - start)",
                "uid": "\(peer.user)", "pid": "\(peer.process)",
            ]
        )
    }
}
