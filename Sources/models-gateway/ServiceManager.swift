import Glibc

/// What the service manager that started the process has put into its environment, as systemd does: sockets that listen
/// already, where to report to, and how often it wants to hear of us.
struct ServiceManager {
    let sockets: [ActivatedSocket]
    let notifications: NotificationSocket?
    /// Microseconds within which a sign of life has to follow the last one.
    let watchdogInterval: UInt64?

    /// Removes the variables, which are meant for this process alone. To be called once, before there are threads.
    static func takeFromEnvironment() throws -> ServiceManager {
        let listenPID = take("LISTEN_PID")
        let count = take("LISTEN_FDS")
        let names = take("LISTEN_FDNAMES")
        let address = take("NOTIFY_SOCKET")
        let watchdogPID = take("WATCHDOG_PID")
        let interval = take("WATCHDOG_USEC")

        let areSocketsOurs = listenPID.flatMap(pid_t.init) == getpid()
        // sd_watchdog_enabled(3): without WATCHDOG_PID the watchdog is that of every process of the service.
        let isWatchdogOurs = watchdogPID == nil || watchdogPID.flatMap(pid_t.init) == getpid()
        return ServiceManager(
            sockets: areSocketsOurs ? try ActivatedSocket.all(count: count ?? "", names: names) : [],
            notifications: try address.map(NotificationSocket.init(address:)),
            watchdogInterval: isWatchdogOurs ? try interval.map(parse(watchdogInterval:)) : nil
        )
    }

    private static func take(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        defer { unsetenv(name) }
        return String(cString: value)
    }

    private static func parse(watchdogInterval text: String) throws -> UInt64 {
        guard let microseconds = UInt64(text), microseconds > 0 else {
            throw Refusal("WATCHDOG_USEC is no time: \(text)")
        }
        return microseconds
    }
}
