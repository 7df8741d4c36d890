import EventLoop
import HTTP

/// The first words on a new connection to an endpoint that nobody named: who is there, and is it well? Another program
/// may listen where Pieces OS did.
final class Introduction {
    /// Healthy, with the connection, unless that has ended with the answer; or why not.
    typealias Outcome = Result<UpstreamConnection?, UpstreamError>

    let endpoint: Endpoint
    /// Waits for the connection, until it is given up.
    private(set) var waiting: Exchange?
    private let loop: Loop
    private let limits: UpstreamLimits
    /// Milliseconds that there are for an answer.
    private let patience: UInt64
    private var timer: Timer?
    private var connection: UpstreamConnection?
    private lazy var question = Exchange(receiver: self)
    /// The beginning of what is said.
    private var said: [UInt8] = []
    private lazy var outcome = notReady("it closes the connection instead of saying that it is healthy")
    private var ended: ((Introduction, Outcome) -> Void)?

    /// - Parameters:
    ///   - exchange: waits for the connection, if one does.
    ///   - ended: is told the outcome once, unless the introduction is closed before.
    init(
        loop: Loop,
        endpoint: Endpoint,
        limits: UpstreamLimits,
        patience: UInt64,
        for exchange: Exchange? = nil,
        ended: @escaping (Introduction, Outcome) -> Void
    ) {
        self.loop = loop
        self.endpoint = endpoint
        self.limits = limits
        self.patience = patience
        self.ended = ended
        waiting = exchange
        exchange?.connect(over: self)
    }

    /// Separate from init, because `ended` may be told at once.
    func start() {
        do throws(LoopError) {
            timer = try Timer(loop: loop) { [unowned self] in patienceHasEnded() }
        } catch {
            return end(.failure(.unreachable("cannot ask \(endpoint): \(error)")))
        }
        timer?.start(milliseconds: patience)
        question.prepare(Health.request, forwarding: ForwardedHeaders(), delivery: .parts)
        let connection = UpstreamConnection(loop: loop, endpoint: endpoint, limits: limits, owner: self, for: question)
        self.connection = connection
        connection.connect()
    }

    private func patienceHasEnded() {
        // That takes its time where there are many sockets, and is not Pieces OS's fault.
        if let connection, connection.isLookingUpOwner {
            timer?.start(milliseconds: patience)
            return
        }
        outcome =
            question.requestSent
            ? notReady("it has not said within \(patience) ms that it is healthy")
            : .failure(.unreachable("\(endpoint) has taken no connection within \(patience) ms"))
        connection?.close()
    }

    private func notReady(_ what: String) -> Outcome {
        .failure(.notReady("Pieces OS at \(endpoint) is not ready: \(what)"))
    }

    private func end(_ outcome: Outcome) {
        timer?.close()
        timer = nil
        connection = nil
        let ended = ended
        self.ended = nil
        ended?(self, outcome)
    }

    /// Closes the connection, and gives up the exchange that waits for it.
    func close() {
        ended = nil
        connection?.close()
        end(outcome)
        waiting?.abandon()
        waiting = nil
    }
}

extension Introduction: ExchangeConnection {
    // Nothing comes yet that could be read.
    func pauseReading() {}
    func resumeReading() {}

    /// The connection may serve another exchange.
    func giveUp(_ exchange: Exchange) {
        waiting = nil
        exchange.abandon()
    }
}

extension Introduction: ExchangeReceiver {
    func received(part: UnsafeRawBufferPointer) {
        said += part.prefix(Health.longestQuote - said.count)
    }

    func finished(status: Int, body: UnsafeRawBufferPointer) {
        said += body.prefix(Health.longestQuote - said.count)
        switch Health(status: status, saying: said) {
        case .healthy: outcome = .success(nil)
        case .notReady(let what): outcome = notReady(what)
        }
    }

    func failed(_ error: UpstreamError) {
        if case .badHTTP(let what) = error {
            outcome = .failure(.unreachable("\(endpoint) is not Pieces OS: its answer is not HTTP: \(what)"))
        }
    }
}

extension Introduction: UpstreamConnection.Owner {
    func connection(_ connection: UpstreamConnection, couldNotConnectFor exchange: Exchange, _ error: UpstreamError) {
        exchange.abandon()
        end(.failure(error))
    }

    func connection(_ connection: UpstreamConnection, wantsRepeated exchange: Exchange) {
        preconditionFailure("a connection with one exchange has none to repeat")
    }

    func connection(_ connection: UpstreamConnection, hasAnswered exchange: Exchange) {}

    func connectionBecameIdle(_ connection: UpstreamConnection) {
        guard case .success = outcome, connection.isQuiet else { return connection.close() }
        end(.success(connection))
    }

    func connectionClosed(_ connection: UpstreamConnection) {
        end(outcome)
    }
}

@available(*, unavailable) extension Introduction: Sendable {}
