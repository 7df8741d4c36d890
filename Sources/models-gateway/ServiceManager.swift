import Glibc
import Logging

/// What the service manager that started the process has put into its environment, as systemd does: sockets that listen
/// already, where to report to, and how often it wants to hear of us.
struct ServiceManager {
    let sockets: [ActivatedSocket]
    let notifications: NotificationSocket?
    /// Microseconds within which a sign of life has to follow the last one.
    let watchdogInterval: UInt64?

    /// Removes the variables, which are meant for this process alone. To be called once, before there are threads.
    ///
    /// Only sockets that cannot be served are an error: clients would wait at them in vain. Who cannot be reported to is no
    /// reason not to serve (sd_notify(3)).
    static func takeFromEnvironment(logger: Logger) throws -> ServiceManager {
        ServiceManager(
            sockets: try takeSockets(logger),
            notifications: takeNotifications(logger),
            watchdogInterval: takeWatchdogInterval(logger)
        )
    }

    private static func takeSockets(_ logger: Logger) throws -> [ActivatedSocket] {
        let pid = take("LISTEN_PID").map(text)
        let count = take("LISTEN_FDS").map(text) ?? ""
        let names = take("LISTEN_FDNAMES").map(text)
        guard !count.isEmpty, count != "0" else { return [] }
        guard isOurs(pid) else {
            logger.warning(
                "sockets were passed on for another process and are not served; LISTEN_PID has to be the gateway's own pid",
                metadata: ["LISTEN_FDS": "\(count)", "LISTEN_PID": "\(pid ?? "not set")", "pid": "\(getpid())"]
            )
            return []
        }
        return try ActivatedSocket.all(count: count, names: names)
    }

    private static func takeNotifications(_ logger: Logger) -> NotificationSocket? {
        guard let address = take("NOTIFY_SOCKET") else { return nil }
        do {
            return try NotificationSocket(address: address)
        } catch {
            logger.warning("the service manager is not told how the gateway is", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private static func takeWatchdogInterval(_ logger: Logger) -> UInt64? {
        let pid = take("WATCHDOG_PID").map(text)
        guard let interval = take("WATCHDOG_USEC").map(text) else { return nil }
        do {
            // sd_watchdog_enabled(3): without WATCHDOG_PID the watchdog is that of every process of the service.
            guard let pid else { return try parse(watchdogInterval: interval) }
            guard pid_t(pid) != nil else { throw Refusal("WATCHDOG_PID is no process: '\(pid)'") }
            return isOurs(pid) ? try parse(watchdogInterval: interval) : nil
        } catch {
            logger.warning("the service manager gets no signs of life", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private static func parse(watchdogInterval text: String) throws -> UInt64 {
        // The largest number stands for 'never'.
        guard let microseconds = UInt64(text), 1..<UInt64.max ~= microseconds else {
            throw Refusal("WATCHDOG_USEC is no time in microseconds: '\(text)'")
        }
        return microseconds
    }

    private static func isOurs(_ pid: String?) -> Bool {
        pid.flatMap(pid_t.init) == getpid()
    }

    private static func take(_ name: String) -> [UInt8]? {
        guard let value = getenv(name) else { return nil }
        defer { unsetenv(name) }
        return Array(UnsafeRawBufferPointer(start: value, count: strlen(value)))
    }

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
