import EventLoop
import Glibc
import Logging

/// Tells the service manager that the gateway is ready, that its loop still turns, and that it stops. Without a service
/// manager that wants to know it does nothing.
final class ServiceReports {
    private let notifications: NotificationSocket?
    private let logger: Logger
    /// The sign of life comes from the loop, at twice the rate asked for, so that a stuck loop is noticed.
    private var watchdog: Timer?

    init(_ manager: ServiceManager, loop: Loop, logger: Logger) throws(LoopError) {
        notifications = manager.notifications
        self.logger = logger
        guard notifications != nil, let interval = manager.watchdogInterval else { return }
        let milliseconds = max(1, interval / 2 / 1_000)
        watchdog = try Timer(loop: loop) { [unowned self] in signOfLife(every: milliseconds) }
        watchdog?.start(milliseconds: milliseconds)
    }

    private func signOfLife(every milliseconds: UInt64) {
        send("WATCHDOG=1")
        watchdog?.start(milliseconds: milliseconds)
    }

    func ready() {
        send("READY=1", waiting: true)
    }

    func stopping() {
        send("STOPPING=1")
    }

    private func send(_ assignment: String, waiting: Bool = false) {
        guard let error = notifications?.send(assignment, waiting: waiting) else { return }
        let reason = String(cString: strerror(error))
        logger.warning("cannot tell the service manager", metadata: ["what": "\(assignment)", "error": "\(reason)"])
    }

    func close() {
        watchdog?.close()
        watchdog = nil
        notifications?.close()
    }
}

@available(*, unavailable) extension ServiceReports: Sendable {}
