import Calls
import Contract
import EventLoop
import Logging

/// Writes one entry a call, where entries of that level are wanted.
final class CallLog {
    private let loop: Loop
    private let logger: Logger
    /// Not looked up for each call.
    private let isOn: Bool

    init(loop: Loop, logger: Logger) {
        self.loop = loop
        self.logger = logger
        isOn = logger.logLevel <= .debug
    }

    /// - Parameter start: when the call came, by the loop's clock; `nil` if it was answered at once.
    func ended(_ method: Method, _ code: Status.Code, since start: UInt64? = nil, of peer: PeerCredentials) {
        guard isOn else { return }
        let now = loop.now
        logger.debug(
            "call",
            metadata: [
                "method": "\(method.name)", "code": "\(code.name)", "milliseconds": "\(now - (start ?? now))",
                "uid": "\(peer.user)", "pid": "\(peer.process)",
            ]
        )
    }
}
