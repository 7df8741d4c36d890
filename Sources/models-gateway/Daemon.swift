import CArguments
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
    let metrics: MetricsAddress?
    let gatewayLimits: Limits
    let upstreamLimits: Upstream.Limits

    /// For the loop, for what discovery opens, for a client that is to be turned away; and some more.
    private static let ownDescriptors = 16

    private static let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    func run() throws {
        // A client that goes away while it is written to is an error of that write, not of the process; a terminal
        // that goes away is no reason to stop.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        raiseDescriptorLimit()
        Heap.giveLargeBlocksBack()

        let logger = Logger(label: "models-gateway")
        // One that comes once there is a socket waits until it can be handled.
        maskStopSignals(SIG_BLOCK)
        let contract = try CarriedContract.get()
        let sockets = try OpenSockets(sockets, passedOn: serviceManager.sockets, contract)
        defer { sockets.removeFiles() }
        sockets.warn(logger)
        let door = try metrics.map { try $0.open() }
        let (gatewayLimits, upstreamLimits) = try limitsWithinDescriptors(logger)
        let loop = try Loop()
        let reports = try ServiceReports(serviceManager, loop: loop, logger: logger)
        let upstream = Upstream(loop: loop, location: location, limits: upstreamLimits)
        let gateway = try Gateway(
            loop: loop,
            contract: contract,
            sockets: sockets.sockets + (door.map { [$0] } ?? []),
            upstream: upstream,
            limits: gatewayLimits,
            build: Build(revision: String(cString: source_revision())),
            logger: logger
        )
        try gateway.start()
        try stopOnSignals(loop, gateway, sockets, reports)
        maskStopSignals(SIG_UNBLOCK)
        let paths = sockets.paths.joined(separator: ",")
        var ready: Logger.Metadata = ["socket": "\(paths)", "upstream": "\(location)"]
        if let door { ready["metrics"] = "\(door.path)" }
        logger.info("ready", metadata: ready)
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
    private func raiseDescriptorLimit() {
        var limit = descriptorLimit()
        limit.rlim_cur = limit.rlim_max
        setrlimit(Self.descriptors, &limit)
    }

    private func descriptorLimit() -> rlimit {
        var limit = rlimit()
        getrlimit(Self.descriptors, &limit)
        return limit
    }

    /// Clients leave descriptors for connections to Pieces OS, and those for clients: otherwise as many of either as can
    /// be would keep the others from being served. The gateway itself needs some too.
    private func limitsWithinDescriptors(_ logger: Logger) throws -> (Limits, Upstream.Limits) {
        let all = Int(clamping: descriptorLimit().rlim_cur)
        // What the process was started with is open too, and may be more than the standard ones.
        let open = (0..<min(Int32(clamping: all), 1024)).count { fcntl($0, F_GETFD) >= 0 }
        let ofDoor = metrics == nil ? 0 : Admission.maximumOfUnknown
        let left = all - open - Self.ownDescriptors - ofDoor
        guard left >= 2 else {
            throw Refusal("\(all) file descriptors are too few; allow \(all - left + 2) or more (ulimit -n)")
        }
        var gateway = gatewayLimits
        var upstream = upstreamLimits
        upstream.connections = min(upstream.connections, left / 2)
        gateway.connections = min(gateway.connections, left - upstream.connections)
        if upstream.connections < upstreamLimits.connections || gateway.connections < gatewayLimits.connections {
            logger.warning(
                "the limit of file descriptors (ulimit -n) leaves room for fewer connections than are allowed",
                metadata: [
                    "descriptors": "\(all)", "clients": "\(gateway.connections)", "upstream": "\(upstream.connections)",
                ]
            )
        }
        return (gateway, upstream)
    }
}
