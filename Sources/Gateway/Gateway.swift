package import Contract
package import EventLoop
package import Logging
package import PiecesOS
import Transcoding

/// The daemon without its command line: clients on one side, the upstream on the other. It puts the parts together, each
/// of which is handed what it uses.
package final class Gateway {
    private let logger: Logger
    private let upstream: Upstream
    private let reception: Reception
    private let clients: Clients
    private let pool: CallPool
    private let sharing: Sharing
    private let drain: Drain
    private let welcome: (ByteStream, ListeningSocket, PeerCredentials) -> Void
    /// To be called once, when nothing of the gateway is left.
    private var stopped: (() -> Void)?

    /// - Parameter sockets: the gateway then owns their descriptors.
    package init(
        loop: Loop,
        contract: Contract,
        sockets: [ListeningSocket],
        upstream: Upstream,
        limits: Limits,
        logger: Logger
    ) throws {
        self.logger = logger
        self.upstream = upstream
        let log = ClientLog(loop: loop, logger: logger)
        let transcoder = JSONTranscoder()
        let schemas = Schemas(contract)
        reception = try Reception(loop: loop, sockets: sockets, limits: limits, log: log)
        let clients = try Clients(loop: loop, limits: limits, log: log)
        let sharing = Sharing(
            loop: loop,
            exchanges: SharedExchangePool {
                SharedExchange(loop: loop, upstream: upstream, transcoder: transcoder, unreadBytes: limits.unreadBytes)
            }
        )
        let pool = CallPool { () throws(LoopError) in
            try Call(loop: loop, upstream: upstream, sharing: sharing, transcoder: transcoder)
        }
        let services = LocalServices(contract)
        ControlService.add(to: services)
        let dispatcher = Dispatcher(
            contract: contract,
            limits: limits,
            host: clients,
            upstream: upstream,
            pool: pool,
            decoder: RequestDecoder(memoryBudget: limits.payloadMemory),
            routes: try contract.methods.map { method in
                try method.route.map { route in try RoutedMethod(method, route, schemas) }
            },
            services: services,
            log: CallLog(loop: loop, logger: logger)
        )
        welcome = { stream, socket, peer in
            let connection = ClientConnection(
                stream,
                of: peer,
                at: socket,
                host: clients,
                dispatcher: dispatcher,
                limits: limits,
                loop: loop
            )
            clients.add(connection)
            // One that cannot be read from has closed.
            try? connection.start(stream)
        }
        self.clients = clients
        self.sharing = sharing
        self.pool = pool
        drain = try Drain(loop: loop, clients: clients, time: limits.drain)
    }

    /// Starts to accept.
    package func start() throws(LoopError) {
        clients.left = { [unowned self] peer in
            reception.leave(peer)
            stopIfEmpty()
        }
        let log = UpstreamLog(logger: logger)
        upstream.changed = { log.write($0) }
        try reception.open(welcome)
    }

    /// Stops accepting, lets the calls in flight end for a while, and closes everything. `stopped` is called when nothing of
    /// the gateway is left on the loop.
    package func drain(_ stopped: @escaping () -> Void) {
        guard !drain.hasBegun else { return }
        self.stopped = stopped
        logger.notice("stopping", metadata: ["connections": "\(clients.count)"])
        reception.close()
        pool.close()
        sharing.stop()
        drain.begin()
        stopIfEmpty()
    }

    /// Ends the calls that are still in flight, each with an answer that says so.
    package func shutDown() {
        clients.shutDown()
    }

    private func stopIfEmpty() {
        guard clients.isEmpty, let stopped else { return }
        self.stopped = nil
        drain.close()
        clients.close()
        sharing.close()
        upstream.close()
        stopped()
    }
}

@available(*, unavailable) extension Gateway: Sendable {}
