import Calls
import Contract
import Logging

/// Writes one entry a call, where entries of that level are wanted.
final class CallLog {
    private let logger: Logger
    /// Not looked up for each call.
    private let isOn: Bool

    init(logger: Logger) {
        self.logger = logger
        isOn = logger.logLevel <= .debug
    }

    func ended(_ method: Method, _ code: Status.Code, nanoseconds: UInt64, of peer: PeerCredentials) {
        guard isOn else { return }
        logger.debug(
            "call",
            metadata: [
                "method": "\(method.name)", "code": "\(code.name)", "milliseconds": "\(nanoseconds / 1_000_000)",
                "uid": "\(peer.user)", "pid": "\(peer.process)",
            ]
        )
    }
}
