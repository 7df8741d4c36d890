import EventLoop
import Gateway
import Glibc
import Logging
import PiecesOS

/// The gateway as a process: the sockets' files, signals, and the loop until it is empty.
struct Daemon {
    let sockets: [ListenSpecification]
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

        let logger = Logger(label: "models-gateway")
        var files: [SocketFile] = []
        defer { for file in files { file.remove() } }
        for socket in sockets {
            files.append(try SocketFile(path: socket.path, mode: socket.mode, group: try group(of: socket)))
        }
        let loop = try Loop()
        let upstream = try Upstream(loop: loop, location: location, limits: upstreamLimits)
        let gateway = try Gateway(
            loop: loop,
            doors: zip(files, sockets).map { file, socket in
                .init(descriptor: file.descriptor, policy: socket.policy(owner: geteuid()))
            },
            upstream: upstream,
            limits: limits(descriptors, logger),
            logger: logger
        )
        try gateway.start()
        try stopOnSignals(loop, gateway, files)
        let paths = sockets.map(\.path).joined(separator: ",")
        logger.info("ready", metadata: ["socket": "\(paths)", "upstream": "\(location)"])
        loop.run()
        try loop.close()
        logger.info("stopped")
    }

    /// The first signal lets calls in flight end, a second one does not.
    private func stopOnSignals(_ loop: Loop, _ gateway: Gateway, _ files: [SocketFile]) throws {
        var signals: [Signal] = []
        var isStopping = false
        for number in [SIGINT, SIGTERM] {
            signals.append(
                try Signal(loop: loop, number: number) {
                    guard !isStopping else { return gateway.shutDown() }
                    isStopping = true
                    for file in files { file.remove() }
                    gateway.drain {
                        holdBackSignals()
                        for signal in signals { signal.close() }
                        signals = []
                    }
                }
            )
        }
    }

    /// Without handlers another signal would end the process with its own exit code, though all is done by then.
    private func holdBackSignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        sigprocmask(SIG_BLOCK, &signals, nil)
    }

    /// Every client and every upstream connection is a descriptor; the soft limit is often 1,024 for historical reasons.
    private func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_max)
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

    private func group(of socket: ListenSpecification) throws -> UInt32? {
        guard let name = socket.group else { return nil }
        guard let number = groupID(name) else { throw Refusal("there is no group '\(name)'") }
        return number
    }
}
