import Logging
import PiecesOS

/// Writes one entry when something becomes of the upstream, however many calls notice.
struct UpstreamLog {
    let logger: Logger

    func write(_ change: UpstreamChange) {
        switch change {
        case .found(let location): logger.info("Pieces OS found", metadata: ["url": "\(location)"])
        case .lost(let reason): logger.info("Pieces OS lost", metadata: ["reason": "\(reason)"])
        case .absent(let reason): logger.info("Pieces OS is not there", metadata: ["reason": "\(reason)"])
        case .notReady(let reason): logger.info("Pieces OS not ready", metadata: ["reason": "\(reason)"])
        case .distrusted(let user, let location):
            logger.info("a listener is distrusted", metadata: ["uid": "\(user)", "url": "\(location)"])
        }
    }
}
