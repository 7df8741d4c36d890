package import EventLoop

/// Pieces OS as the gateway sees it: a pool of connections with a queue before it.
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
    /// Is told what becomes of Pieces OS, when it does.
    package var changed: ((UpstreamChange) -> Void)?

    let loop: Loop
    let limits: Limits
    let discovery: Discovery
    /// `nil` while it is to be discovered.
    var endpoint: Endpoint?
    var isDiscovering = false
    private var isClosed = false
    private var state = UpstreamState.unknown
    /// Why the last connection could not be made, until one can.
    private var failure: UpstreamError?
    /// Those that the last search has met.
    var strangers: Set<Discovery.Stranger> = []
    private var isServing = false
    var connections: [UpstreamConnection] = []
    /// Of connections that no call is on before it is known who is there, each with the exchange that waits for it.
    var introductions: [(introduction: Introduction, exchange: Exchange?)] = []
    /// The one that was used last is used first, so that a quiet upstream can drop the others.
    var idle: [UpstreamConnection] = []
    var waiting = WaitingQueue()

    package init(loop: Loop, location: UpstreamLocation, limits: Limits) {
        self.loop = loop
        self.location = location
        self.limits = limits
        discovery = Discovery(loop: loop, limits: limits)
        if case .endpoint(let endpoint) = location { self.endpoint = endpoint }
    }

    /// Sends a request as soon as there is a connection for it. The receiver may be told of a failure before this
    /// returns.
    package func submit(_ exchange: Exchange) {
        precondition(exchange.state == .idle, "an exchange was submitted while it was under way")
        while let connection = idle.popLast() {
            if !connection.closeUnlessQuiet() { return connection.start(exchange) }
        }
        if waiting.isEmpty, canOpen {
            open(for: exchange)
        } else if makeRoom(for: exchange) {
            waiting.append(exchange)
            discoverIfNeeded()
        } else {
            exchange.end()
            exchange.receiver.failed(.queueFull)
        }
    }

    /// In a full queue, the client with the most waiting calls (or bytes of them) loses its newest, so that no client can
    /// take the queue from all others.
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
        case .connecting, .exchanging: exchange.connection?.cancel() ?? leaveIntroduction(exchange)
        }
    }

    /// Closes all connections. Exchanges that are under way are given up.
    package func close() {
        isClosed = true
        for exchange in waiting.removeAll() { exchange.end() }
        discovery.close()
        for (introduction, _) in introductions { introduction.cancel() }
        introductions = []
        for connection in connections {
            connection.cancel()
            connection.closeIdle()
        }
    }

    private var canOpen: Bool { endpoint != nil && connections.count + introductions.count < limits.connections }

    private func open(for exchange: Exchange) {
        guard let endpoint else { preconditionFailure("a connection was opened to nowhere") }
        if endpoint.mustBeTrusted {
            introduce(to: endpoint, for: exchange)
        } else {
            connect(to: endpoint, for: exchange)
        }
    }

    func connect(to endpoint: Endpoint, for exchange: Exchange) {
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
    func serveWaiting() {
        guard !isServing else { return }
        isServing = true
        defer { isServing = false }
        while !isClosed, canOpen, let next = waiting.removeNext() { open(for: next) }
        if !isClosed { discoverIfNeeded() }
    }

    private func forget(_ connection: UpstreamConnection) {
        connections.removeAll { $0 === connection }
        idle.removeAll { $0 === connection }
    }

    func couldNotOpen(for exchange: Exchange?, to endpoint: Endpoint, _ error: UpstreamError) {
        if endpoint == self.endpoint, endpoint.mustBeTrusted { self.endpoint = nil }
        if let exchange {
            if endpoint.mustBeTrusted, !exchange.hasBeenRediscovered {
                // It may have come back on another port.
                exchange.hasBeenRediscovered = true
                wait(first: exchange)
            } else {
                noteFailure(error)
                exchange.end()
                exchange.receiver.failed(error)
            }
        }
        serveWaiting()
    }

    private func wait(first exchange: Exchange) {
        waiting.insertFirst(exchange)
        discoverIfNeeded()
    }

    // MARK: - State

    func noteServing(_ endpoint: Endpoint) {
        failure = nil
        become(.serving(endpoint.description))
    }

    func noteFailure(_ error: UpstreamError) {
        failure = error
        settleFailure()
    }

    /// As long as there are connections it may answer on those: one that ends takes no new ones, but is not lost yet.
    private func settleFailure() {
        if let failure, connections.isEmpty, !isClosed { become(.failing(failure)) }
    }

    private func become(_ next: UpstreamState) {
        if let change = state.become(next) { changed?(change) }
    }
}

// MARK: - What connections say

extension Upstream: UpstreamConnection.Owner {
    func connection(_ connection: UpstreamConnection, couldNotConnectFor exchange: Exchange, _ error: UpstreamError) {
        forget(connection)
        couldNotOpen(for: exchange, to: connection.endpoint, error)
    }

    func connection(_ connection: UpstreamConnection, wantsRepeated exchange: Exchange) {
        forget(connection)
        if endpoint == nil { wait(first: exchange) } else { open(for: exchange) }
    }

    func connectionHasAnswered(_ connection: UpstreamConnection) {
        noteServing(connection.endpoint)
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

    /// Nothing is said of an answer that was cut off: it may be a matter of its call. The next connection tells.
    func connectionClosed(_ connection: UpstreamConnection) {
        forget(connection)
        settleFailure()
        serveWaiting()
    }
}

@available(*, unavailable) extension Upstream: Sendable {}
