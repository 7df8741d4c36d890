import EventLoop
import Gateway
import Glibc
import Logging
import PiecesOS

/// The gateway as a process: its sockets, signals, and the loop until it is empty.
struct Daemon {
    let sockets: [ListenSpecification]
    let serviceManager: ServiceManager
    let location: UpstreamLocation
    let gatewayLimits: Gateway.Limits
    let upstreamLimits: Upstream.Limits

    private static let ownDescriptors = 64

    func run() throws {
        // A client that goes away while it is written to is an error of that write, not of the process; a terminal
        // that goes away is no reason to stop.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        let descriptors = raiseDescriptorLimit()
        Heap.giveLargeBlocksBack()

        let logger = Logger(label: "models-gateway")
        // One that comes once there is a socket waits until it can be handled.
        maskStopSignals(SIG_BLOCK)
        let sockets = try OpenSockets(sockets, passedOn: serviceManager.sockets)
        defer { sockets.removeFiles() }
        sockets.warn(logger)
        let loop = try Loop()
        let reports = try ServiceReports(serviceManager, loop: loop, logger: logger)
        let upstream = try Upstream(loop: loop, location: location, limits: upstreamLimits)
        let gateway = try Gateway(
            loop: loop,
            doors: sockets.doors,
            upstream: upstream,
            limits: limits(descriptors, logger),
            logger: logger
        )
        try gateway.start()
        try stopOnSignals(loop, gateway, sockets, reports)
        maskStopSignals(SIG_UNBLOCK)
        let paths = sockets.paths.joined(separator: ",")
        logger.info("ready", metadata: ["socket": "\(paths)", "upstream": "\(location)"])
        reports.ready()
        loop.run()
        try loop.close()
        logger.info("stopped")
    }

    /// The first signal lets calls in flight end, a second one does not.
    private func stopOnSignals(
        _ loop: Loop,
        _ gateway: Gateway,
        _ sockets: OpenSockets,
        _ reports: ServiceReports
    ) throws {
        var signals: [Signal] = []
        var isStopping = false
        for number in [SIGINT, SIGTERM] {
            signals.append(
                try Signal(loop: loop, number: number) {
                    guard !isStopping else { return gateway.shutDown() }
                    isStopping = true
                    reports.stopping()
                    sockets.removeFiles()
                    gateway.drain {
                        // Without handlers another one would end the process with its own exit code, though all is done.
                        maskStopSignals(SIG_BLOCK)
                        for signal in signals { signal.close() }
                        signals = []
                        reports.close()
                    }
                }
            )
        }
    }

    /// Holds signals back, or lets them come.
    private func maskStopSignals(_ how: Int32) {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        sigprocmask(how, &signals, nil)
    }

    /// Every client and every upstream connection is a descriptor; the soft limit is often 1,024 for historical reasons.
    private func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(descriptors, &limit) == 0 else { return .max }
        let allowed = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        return Int(clamping: setrlimit(descriptors, &limit) == 0 ? limit.rlim_max : allowed)
    }

    /// Clients leave descriptors for Pieces OS, for what discovery opens, and for the gateway itself: otherwise as many
    /// of them as can be would keep each other from being served.
    private func limits(_ descriptors: Int, _ logger: Logger) -> Gateway.Limits {
        var limits = gatewayLimits
        let most = max(1, descriptors - upstreamLimits.connections - Self.ownDescriptors)
        if most < limits.connections {
            logger.debug("too few file descriptors for --max-connections", metadata: ["connections": "\(most)"])
            limits.connections = most
        }
        return limits
    }
}
