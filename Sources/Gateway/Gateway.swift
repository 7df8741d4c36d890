import Bytes
package import Contract
package import EventLoop
import GRPC
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
    private let serving: Serving
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
        build: Build = Build(revision: ""),
        logger: Logger
    ) throws {
        self.logger = logger
        self.upstream = upstream
        let log = ClientLog(loop: loop, logger: logger)
        let reception = try Reception(loop: loop, sockets: sockets, limits: limits, log: log)
        let metrics = Metrics(contract)
        upstream.answered = { metrics.answered(nanoseconds: $0) }
        let clients = try Clients(loop: loop, limits: limits, log: log)
        let exchanges = RoutedExchangeMaker(loop, upstream)
        let unreadBytes = limits.unreadBytes
        let shared = SharedExchangePool {
            SharedExchange(loop: loop, metrics: metrics, unreadBytes: unreadBytes, exchanges.make)
        }
        let sharing = Sharing(loop: loop, exchanges: shared)
        let pool = CallPool { () throws(LoopError) in try Call(loop: loop, sharing: sharing, exchanges.make) }
        let facts = Facts(
            loop: loop,
            build: build,
            contract: contract,
            metrics: metrics,
            traffic: Traffic(),
            clients: clients,
            reception: reception,
            upstream: upstream,
            sockets: sockets.filter { !$0.isDoor },
            routes: try Self.routes(of: contract)
        )
        let serving = try Serving(loop: loop, upstream: upstream)
        let dispatcher = Dispatcher(
            contract: contract,
            limits: limits,
            host: clients,
            upstream: upstream,
            pool: pool,
            decoder: RequestDecoder(memoryBudget: limits.payloadMemory),
            routes: facts.routes,
            services: .all(of: contract, facts, serving),
            log: CallLog(logger: logger),
            metrics: metrics
        )
        welcome = Self.welcome(facts, dispatcher, HTTPDoor(facts, serving), limits)
        self.reception = reception
        self.clients = clients
        self.serving = serving
        self.sharing = sharing
        self.pool = pool
        drain = try Drain(loop: loop, clients: clients, time: limits.drain)
    }

    /// The methods that are carried out upstream, by their index.
    private static func routes(of contract: Contract) throws -> [RoutedMethod?] {
        let schemas = Schemas(contract)
        return try contract.methods.map { method in
            try method.route.map { route in try RoutedMethod(method, route, schemas) }
        }
    }

    /// What is done with a client that has been let in.
    private static func welcome(
        _ facts: Facts,
        _ dispatcher: Dispatcher,
        _ door: HTTPDoor,
        _ limits: Limits
    ) -> (ByteStream, ListeningSocket, PeerCredentials) -> Void {
        let surroundings = Surroundings(
            host: facts.clients,
            dispatcher: dispatcher,
            door: door,
            paths: SessionPaths(of: facts.contract),
            limits: limits,
            loop: facts.loop
        )
        return { stream, socket, peer in
            stream.traffic = facts.traffic
            let connection = ClientConnection(stream, of: peer, at: socket, in: surroundings)
            facts.clients.add(connection)
            // One that cannot be read from has closed.
            try? connection.start(stream)
        }
    }

    /// Starts to accept.
    package func start() throws(LoopError) {
        clients.left = { [unowned self] peer, socket in
            reception.leave(peer, from: socket)
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
        serving.shutDown()
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
        serving.close()
        upstream.close()
        stopped()
    }
}

extension LocalServices {
    fileprivate static func all(of contract: Contract, _ facts: Facts, _ serving: Serving) -> LocalServices {
        let services = LocalServices(contract)
        ControlService.add(to: services)
        StatusService.add(to: services, facts)
        HealthService.add(to: services, contract, serving)
        ReflectionService.add(to: services, contract, serving)
        return services
    }
}

@available(*, unavailable) extension Gateway: Sendable {}
