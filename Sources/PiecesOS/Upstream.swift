package import EventLoop

/// Pieces OS as the gateway sees it: a pool of connections with a queue before it.
package final class Upstream {
    package typealias Limits = UpstreamLimits

    package let location: UpstreamLocation
    /// Is told what becomes of Pieces OS, when it does.
    package var changed: ((UpstreamChange) -> Void)?

    let loop: Loop
    let limits: UpstreamLimits
    private(set) lazy var finder = Finder(loop: loop, endpoint: location.endpoint, limits: limits, owner: self)
    private var isClosed = false
    /// Is told how many nanoseconds each answer to a call took.
    package var answered: ((UInt64) -> Void)?
    package private(set) var lastAnswer: UpstreamAnswer?
    /// Until then, by the loop's clock, the answer to a call is no sign that Pieces OS is ready: it has just denied it.
    var notReadyUntil: UInt64 = 0
    private var isServing = false
    package private(set) var state = UpstreamState.unknown
    /// Why the last connection could not be made, until one can.
    private var failure: UpstreamError?
    private(set) var connections: [UpstreamConnection] = []
    /// The one that was used last is used first, so that a quiet upstream can drop the others.
    private(set) var idle: [UpstreamConnection] = []
    var waiting = WaitingQueue()
    let unwritten = UnwrittenRequests()

    package init(loop: Loop, location: UpstreamLocation, limits: Limits) {
        self.loop = loop
        self.location = location
        self.limits = limits
    }

    /// Sends a request as soon as there is a connection for it. The receiver may be told of a failure before this
    /// returns.
    package func submit(_ exchange: Exchange) {
        precondition(exchange.isIdle, "an exchange was submitted while it was under way")
        exchange.unwritten = unwritten
        exchange.arrival = loop.now
        guard hasRoomToWrite(exchange) else { return exchange.fail(.queueFull) }
        let isHeldBack = waiting.holdsBack(exchange.client)
        if !isHeldBack, startOnIdle(exchange) { return }
        if !isHeldBack, waiting.isEmpty, let endpoint = endpointToConnectTo {
            connect(to: endpoint, for: exchange)
        } else if makeRoom(for: exchange) {
            waiting.append(exchange)
            searchIfNeeded()
        } else {
            exchange.fail(.queueFull)
        }
    }

    /// - Returns: whether there was an idle connection to start it on.
    func startOnIdle(_ exchange: Exchange) -> Bool {
        while let connection = idle.popLast() {
            if connection.isQuiet {
                connection.start(exchange)
                return true
            }
            connection.close()
        }
        return false
    }

    /// Gives an exchange up, and the connection that it is on. Its receiver hears nothing more.
    package func cancel(_ exchange: Exchange) {
        switch exchange.state {
        case .idle: break
        case .waiting:
            waiting.remove(exchange)
            exchange.abandon()
        case .connecting(let connection), .exchanging(let connection):
            noteSilence(of: exchange)
            connection.giveUp(exchange)
        }
    }

    /// Closes all connections. Exchanges that are under way are given up.
    package func close() {
        isClosed = true
        for exchange in waiting.removeAll() { exchange.abandon() }
        finder.close()
        for connection in connections { connection.close() }
    }

    // MARK: - Connecting

    /// `nil` if Pieces OS is still to be found, or there are as many connections as may be.
    private var endpointToConnectTo: Endpoint? {
        connections.count + finder.count < limits.connections ? finder.endpoint : nil
    }

    func connect(to endpoint: Endpoint, for exchange: Exchange) {
        if endpoint.mustBeTrusted {
            finder.introduce(to: endpoint, for: exchange)
        } else {
            connectAtOnce(to: endpoint, for: exchange)
        }
    }

    private func connectAtOnce(to endpoint: Endpoint, for exchange: Exchange) {
        let connection = UpstreamConnection(loop: loop, endpoint: endpoint, limits: limits, owner: self, for: exchange)
        connections.append(connection)
        connection.connect()
    }

    /// Connections that fail at once call this again, which is left to the outermost call.
    func serveWaiting() {
        guard !isServing else { return }
        isServing = true
        defer { isServing = false }
        while !isClosed, let endpoint = endpointToConnectTo, let next = waiting.removeNext() {
            connect(to: endpoint, for: next)
        }
        searchIfNeeded()
    }

    private func searchIfNeeded() {
        if !isClosed, !waiting.isEmpty { finder.search() }
    }

    func wait(first exchange: Exchange) {
        waiting.insertFirst(exchange)
        searchIfNeeded()
    }

    private func forget(_ connection: UpstreamConnection) {
        connections.removeAll { $0 === connection }
        idle.removeAll { $0 === connection }
    }
}

// MARK: - State

extension Upstream {
    func noteServing(_ place: String) {
        failure = nil
        become(.serving(place))
    }

    private func noteFailure(_ error: UpstreamError) {
        failure = error
        settleFailure()
    }

    /// As long as there are connections it may answer on those: one that ends takes no new ones, but is not lost yet.
    private func settleFailure() {
        if let failure, connections.isEmpty, !isClosed { become(.failing(failure)) }
    }

    func become(_ next: UpstreamState) {
        if let change = state.become(next) { changed?(change) }
    }
}

// MARK: - What the finder says

extension Upstream: Finder.Owner {
    /// If the connection has ended with the answer, the next one is not asked again: it would end so too.
    func found(_ endpoint: Endpoint, _ connection: UpstreamConnection?, for exchange: Exchange?) {
        noteServing(endpoint.description)
        if let answer = connection?.lastAnswer { lastAnswer = answer }
        let exchange = exchange ?? waiting.removeNext()
        if let exchange, exchange.asksHealth {
            found(endpoint, connection, for: nil)
            return exchange.finishHealthy()
        }
        if let connection {
            connections.append(connection)
            connection.owner = self
            if let exchange { connection.start(exchange) } else { idle.append(connection) }
        } else if let exchange {
            connectAtOnce(to: endpoint, for: exchange)
        }
        serveWaiting()
    }

    /// An exchange that comes meanwhile has another search.
    func foundNothing(_ error: UpstreamError) {
        noteFailure(error)
        for _ in 0..<waiting.count { waiting.removeFirst()?.fail(error) }
        serveWaiting()
    }

    func lost(_ endpoint: Endpoint, for exchange: Exchange?, _ error: UpstreamError) {
        finder.forget(endpoint)
        if let exchange {
            if endpoint.mustBeTrusted, !exchange.hasBeenRediscovered {
                // It may have come back on another port.
                exchange.markRediscovered()
                wait(first: exchange)
            } else {
                noteFailure(error)
                exchange.fail(error)
            }
        }
        serveWaiting()
    }

    func noticed(_ change: UpstreamChange) {
        changed?(change)
    }
}

// MARK: - What connections say

extension Upstream: UpstreamConnection.Owner {
    func connection(_ connection: UpstreamConnection, couldNotConnectFor exchange: Exchange, _ error: UpstreamError) {
        forget(connection)
        lost(connection.endpoint, for: exchange, error)
    }

    func connection(_ connection: UpstreamConnection, wantsRepeated exchange: Exchange) {
        forget(connection)
        if let endpoint = finder.endpoint { connect(to: endpoint, for: exchange) } else { wait(first: exchange) }
    }

    func connection(_ connection: UpstreamConnection, hasAnswered exchange: Exchange) {
        lastAnswer = connection.lastAnswer
        guard !exchange.asksHealth else { return }
        if let lastAnswer { answered?(lastAnswer.nanoseconds) }
        if loop.now >= notReadyUntil { noteServing(connection.endpoint.description) }
    }

    /// What is sent again waits for a fresh connection: this one may have died as well.
    func connectionBecameIdle(_ connection: UpstreamConnection) {
        if connections.count > limits.connections {
            connection.close()
        } else if waiting.isEmpty {
            idle.append(connection)
        } else if connection.isQuiet, let next = waiting.removeNext(where: { !$0.hasBeenRepeated }) {
            connection.start(next)
        } else {
            connection.close()
        }
    }

    func connectionClosed(_ connection: UpstreamConnection) {
        forget(connection)
        settleFailure()
        serveWaiting()
    }
}

@available(*, unavailable) extension Upstream: Sendable {}
