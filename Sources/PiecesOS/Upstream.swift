package import EventLoop

/// Pieces OS as the gateway sees it: a pool of connections with a queue before it. Belongs to the thread of its loop.
package final class Upstream {
    /// What an upstream may take of the gateway.
    package struct Limits: Sendable {
        package var connections = 32
        /// Exchanges that wait for a connection.
        package var waiting = 1024
        /// Bytes of their requests, together.
        package var waitingSize = 64 * 1024 * 1024
        /// Bytes of all heads of one answer, with its trailers and the extensions of its chunks.
        package var head = 80 * 1024
        /// Bytes of a body that is gathered whole.
        package var body = 64 * 1024 * 1024

        package init() {}

        init(body: Int) {
            self.body = body
        }
    }

    package let location: UpstreamLocation
    private let loop: Loop
    private let limits: Limits
    private let discovery: Discovery
    /// `nil` while it is to be discovered.
    private var endpoint: Endpoint?
    private var isDiscovering = false
    private var isClosed = false
    private var isServing = false
    private var connections: [UpstreamConnection] = []
    /// The one that was used last is used first, so that a quiet upstream can drop the others.
    private var idle: [UpstreamConnection] = []
    private var waiting = WaitingQueue()

    package init(loop: Loop, location: UpstreamLocation, limits: Limits) throws(LoopError) {
        self.loop = loop
        self.location = location
        self.limits = limits
        discovery = try Discovery(loop: loop)
        if case .endpoint(let endpoint) = location { self.endpoint = endpoint }
    }

    /// Sends a request as soon as there is a connection for it. The receiver may be told of a failure before this
    /// returns.
    package func submit(_ exchange: Exchange) {
        precondition(exchange.state == .idle, "an exchange was submitted while it was under way")
        while let connection = idle.popLast() {
            if !connection.closeUnlessQuiet() { return connection.start(exchange) }
        }
        if endpoint != nil, waiting.isEmpty, connections.count < limits.connections {
            open(for: exchange)
        } else if makeRoom(for: exchange) {
            waiting.append(exchange)
            discoverIfNeeded()
        } else {
            exchange.end()
            exchange.receiver.failed(.queueFull)
        }
    }

    /// In a full queue there is room at the cost of who has most of what is scarce in it, so that no client can take it
    /// from all others.
    private func makeRoom(for exchange: Exchange) -> Bool {
        makeRoom(of: \.size, waiting.total.size + exchange.size - limits.waitingSize, for: exchange)
            && makeRoom(of: \.count, waiting.total.count + 1 - limits.waiting, for: exchange)
    }

    private func makeRoom(of scarce: KeyPath<WaitingQueue.Share, Int>, _ excess: Int, for exchange: Exchange) -> Bool {
        guard excess > 0 else { return true }
        guard let client = waiting.client(withMost: scarce, excess: excess, besides: exchange) else { return false }
        let enough = waiting.total[keyPath: scarce] - excess
        while waiting.total[keyPath: scarce] > enough, let other = waiting.removeLast(of: client) {
            other.end()
            other.receiver.failed(.queueFull)
        }
        return true
    }

    /// Whether exchanges of others than this client wait for a connection.
    package func keepsWaiting(othersThan client: AnyObject) -> Bool {
        endpoint != nil && waiting.holds(anyBut: ObjectIdentifier(client))
    }

    /// Gives an exchange up, and the connection that it is on. Its receiver hears nothing more.
    package func cancel(_ exchange: Exchange) {
        switch exchange.state {
        case .idle: break
        case .waiting:
            waiting.remove(exchange)
            exchange.end()
        case .connecting, .exchanging: exchange.connection?.cancel()
        }
    }

    /// Closes all connections. Exchanges that are under way are given up.
    package func close() {
        isClosed = true
        for exchange in waiting.removeAll() { exchange.end() }
        discovery.close()
        for connection in connections {
            connection.cancel()
            connection.closeIdle()
        }
    }

    private func open(for exchange: Exchange) {
        guard let endpoint else { preconditionFailure("a connection was opened to nowhere") }
        let connection = UpstreamConnection(
            loop: loop,
            endpoint: endpoint,
            limits: limits,
            owner: self,
            for: exchange
        )
        connections.append(connection)
        connection.connect()
    }

    /// Connections that fail at once call this again, which is left to the outermost call.
    private func serveWaiting() {
        guard !isServing else { return }
        isServing = true
        defer { isServing = false }
        while !isClosed, endpoint != nil, connections.count < limits.connections, let next = waiting.removeNext() {
            open(for: next)
        }
    }

    private func forget(_ connection: UpstreamConnection) {
        connections.removeAll { $0 === connection }
        idle.removeAll { $0 === connection }
    }
}

// MARK: - Discovery

extension Upstream {
    private func discoverIfNeeded() {
        guard endpoint == nil, !isDiscovering else { return }
        isDiscovering = true
        discovery.search { [self] found in
            isDiscovering = false
            endpoint = found
            found == nil ? failWaiting() : serveWaiting()
        }
    }

    private func failWaiting() {
        let failing = waiting.removeAll()
        for exchange in failing { exchange.end() }
        for exchange in failing {
            exchange.receiver.failed(
                .unreachable("Pieces OS is not to be found on this machine; start it, or name it with --upstream")
            )
        }
    }
}

// MARK: - What connections say

extension Upstream: UpstreamConnection.Owner {
    func connection(_ connection: UpstreamConnection, couldNotConnectFor exchange: Exchange, _ error: String) {
        forget(connection)
        if location == .auto, !exchange.hasBeenRediscovered {
            // It may have come back on another port.
            exchange.hasBeenRediscovered = true
            if endpoint == connection.endpoint { endpoint = nil }
            wait(first: exchange)
        } else {
            exchange.end()
            exchange.receiver.failed(.unreachable("cannot connect to \(error)"))
        }
        serveWaiting()
    }

    func connection(_ connection: UpstreamConnection, wantsRepeated exchange: Exchange) {
        forget(connection)
        if endpoint == nil { wait(first: exchange) } else { open(for: exchange) }
    }

    private func wait(first exchange: Exchange) {
        waiting.insertFirst(exchange)
        discoverIfNeeded()
    }

    /// What is sent again waits for a fresh connection: this one may have died as well.
    func connectionBecameIdle(_ connection: UpstreamConnection) {
        if waiting.isEmpty {
            idle.append(connection)
        } else if !connection.closeUnlessQuiet() {
            if let next = waiting.removeNext(where: { !$0.hasBeenRepeated }) {
                connection.start(next)
            } else {
                connection.closeIdle()
            }
        }
    }

    func connectionClosed(_ connection: UpstreamConnection) {
        forget(connection)
        serveWaiting()
    }
}
