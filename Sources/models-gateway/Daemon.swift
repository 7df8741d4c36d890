import EventLoop
import Gateway
import Glibc
import Logging
import PiecesOS

/// The gateway as a process: the socket's file, signals, and the loop until it is empty.
struct Daemon {
    let path: String
    let mode: mode_t
    let location: UpstreamLocation
    let gatewayLimits: Gateway.Limits
    let upstreamLimits: Upstream.Limits

    func run() throws {
        // A client that goes away while it is written to is an error of that write, not of the process; a terminal
        // that goes away is no reason to stop.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGHUP, SIG_IGN)
        raiseDescriptorLimit()

        let logger = Logger(label: "models-gateway")
        let file = try SocketFile(path: path, mode: mode)
        defer { file.remove() }
        let loop = try Loop()
        let upstream = try Upstream(loop: loop, location: location, limits: upstreamLimits)
        let gateway = try Gateway(
            loop: loop,
            adopting: file.descriptor,
            upstream: upstream,
            limits: gatewayLimits,
            logger: logger
        )
        try gateway.start()
        try stopOnSignals(loop, gateway, file)
        logger.info("ready", metadata: ["socket": "\(path)", "upstream": "\(location)"])
        loop.run()
        try loop.close()
        logger.info("stopped")
    }

    /// The first signal lets calls in flight end, a second one does not.
    private func stopOnSignals(_ loop: Loop, _ gateway: Gateway, _ file: SocketFile) throws {
        var signals: [Signal] = []
        var isStopping = false
        for number in [SIGINT, SIGTERM] {
            signals.append(
                try Signal(loop: loop, number: number) {
                    guard !isStopping else { return gateway.shutDown() }
                    isStopping = true
                    file.remove()
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
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
