import EventLoop
import HTTP

/// The first words on a new connection to an endpoint that nobody named: who is there, and is it well? Another program
/// may listen where Pieces OS did.
final class Introduction {
    /// Healthy, with the connection, unless that has ended with the answer; or why not.
    typealias Outcome = Result<UpstreamConnection?, UpstreamError>

    let endpoint: Endpoint
    private let loop: Loop
    private let limits: Upstream.Limits
    /// Milliseconds that there are for an answer.
    private let patience: UInt64
    private var timer: Timer?
    private var connection: UpstreamConnection?
    /// The beginning of what is said.
    private var said: [UInt8] = []
    private lazy var exchange = Exchange(receiver: self)
    private lazy var outcome = notReady("it closes the connection instead of saying that it is healthy")
    private var ended: ((Introduction, Outcome) -> Void)?

    init(
        loop: Loop,
        endpoint: Endpoint,
        limits: Upstream.Limits,
        patience: UInt64,
        ended: @escaping (Introduction, Outcome) -> Void
    ) {
        self.loop = loop
        self.endpoint = endpoint
        self.limits = limits
        self.patience = patience
        self.ended = ended
    }

    /// Separate from init, because `ended` may be told at once.
    func start() {
        do throws(LoopError) {
            timer = try Timer(loop: loop) { [unowned self] in patienceHasEnded() }
        } catch {
            return end(.failure(.unreachable("cannot ask \(endpoint): \(error)")))
        }
        timer?.start(milliseconds: patience)
        exchange.prepare(Health.request, forwarding: ForwardedHeaders(), delivery: .parts)
        let connection = UpstreamConnection(loop: loop, endpoint: endpoint, limits: limits, owner: self, for: exchange)
        self.connection = connection
        connection.connect()
    }

    /// Closes the connection; `ended` is not told.
    func cancel() {
        ended = nil
        connection?.cancel()
        end(outcome)
    }

    private func patienceHasEnded() {
        // That takes its time where there are many sockets, and is not Pieces OS's fault.
        if let connection, connection.isLookingUpOwner {
            timer?.start(milliseconds: patience)
            return
        }
        outcome =
            exchange.requestSent
            ? notReady("it has not said within \(patience) ms that it is healthy")
            : .failure(.unreachable("\(endpoint) has taken no connection within \(patience) ms"))
        connection?.cancel()
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
        exchange.end()
        end(.failure(error))
    }

    func connection(_ connection: UpstreamConnection, wantsRepeated exchange: Exchange) {
        preconditionFailure("a connection with one exchange has none to repeat")
    }

    func connectionHasAnswered(_ connection: UpstreamConnection) {}

    func connectionBecameIdle(_ connection: UpstreamConnection) {
        guard case .success = outcome else { return connection.closeIdle() }
        if !connection.closeUnlessQuiet() { end(.success(connection)) }
    }

    func connectionClosed(_ connection: UpstreamConnection) {
        end(outcome)
    }
}
