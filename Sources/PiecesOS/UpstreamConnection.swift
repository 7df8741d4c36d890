import Bytes
import EventLoop
import HTTP

/// One connection to Pieces OS, with at most one exchange on it at a time.
final class UpstreamConnection {
    /// Who makes use of a connection, and is told what becomes of it.
    protocol Owner: AnyObject {
        /// Connecting has failed; the connection is closed and the exchange that it was made for still waits.
        func connection(_ connection: UpstreamConnection, couldNotConnectFor exchange: Exchange, _ error: UpstreamError)
        /// The exchange got no byte of an answer on a connection that had served others before, and may be repeated.
        func connection(_ connection: UpstreamConnection, wantsRepeated exchange: Exchange)
        /// An answer has come whole, whatever it says.
        func connection(_ connection: UpstreamConnection, hasAnswered exchange: Exchange)
        /// The connection is free for another exchange.
        func connectionBecameIdle(_ connection: UpstreamConnection)
        /// The connection is closed and has nothing on it.
        func connectionClosed(_ connection: UpstreamConnection)
    }

    private enum State {
        case connecting(Exchange, ConnectionAttempt)
        case exchanging(Exchange)
        case idle
        case closed
    }

    let endpoint: Endpoint
    private let loop: Loop
    private var reader: HTTPResponseReader
    /// Outlives the connection, or hands it on.
    unowned var owner: any Owner
    private var stream: ByteStream?
    private var state = State.idle
    private var servedExchanges = 0
    private var startTime: UInt64 = 0
    private(set) var lastAnswer: UpstreamAnswer?
    private let commonLines: [UInt8]
    private var head = ByteBuffer(capacity: 0)
    /// The request may be in the system's buffers still when its answer is here.
    private var isRequestLarge = false
    /// The turn of the loop in which everything was read that had arrived.
    private var turnOfLastRead: UInt64?

    // MARK: - Connecting

    /// For an exchange that waits for it; `connect()` comes next.
    init(loop: Loop, endpoint: Endpoint, limits: UpstreamLimits, owner: any Owner, for exchange: Exchange) {
        assert(Loop.readPadding >= HTTPResponseReader.padding, "bodies are read further than the loop's buffer goes")
        self.endpoint = endpoint
        commonLines = HTTPRequest.lines(for: endpoint.authority)
        self.loop = loop
        self.owner = owner
        reader = HTTPResponseReader(headLimit: limits.head, bodyLimit: limits.body)
        let attempt = ConnectionAttempt(loop: loop, endpoint: endpoint) { [self] in connected($0) }
        state = .connecting(exchange, attempt)
        exchange.connect(over: self)
    }

    var isConnecting: Bool { if case .connecting = state { true } else { false } }

    var isLookingUpOwner: Bool {
        if case .connecting(_, let attempt) = state { attempt.isLookingUpOwner } else { false }
    }

    /// Separate from init, because its outcome goes to the owner.
    func connect() {
        if case .connecting(_, let attempt) = state { attempt.start() }
    }

    private func connected(_ outcome: ConnectionAttempt.Outcome) {
        guard case .connecting(let exchange, _) = state else { return }
        do throws(UpstreamError) {
            try startReading(outcome.get())
        } catch {
            closeStream()
            return owner.connection(self, couldNotConnectFor: exchange, error)
        }
        state = .idle
        start(exchange)
    }

    private func startReading(_ stream: ByteStream) throws(UpstreamError) {
        self.stream = stream
        do throws(LoopError) {
            // The stream holds the connection until it is closed.
            try stream.startReading(
                .init(
                    received: { [self] in received($0) },
                    ended: { [self] in ended($0) },
                    drained: { [self] in drained() }
                )
            )
        } catch {
            throw .unreachable("cannot connect to \(endpoint): \(error)")
        }
    }

    // MARK: - Exchanging

    /// Whether nothing has arrived since the last answer. What has was not asked for and would pass for the next answer, or it
    /// is the end, which the next request would meet.
    var isQuiet: Bool { turnOfLastRead == loop.turn || stream?.isQuiet ?? false }

    /// Sends the request of an exchange. Only on an idle connection.
    func start(_ exchange: Exchange) {
        guard case .idle = state, let stream else {
            preconditionFailure("an exchange was started on a connection that was not idle")
        }
        state = .exchanging(exchange)
        startTime = loop.turnTime
        exchange.begin(on: self)
        reader.expect(exchange.delivery)
        isRequestLarge = exchange.isLarge
        turnOfLastRead = nil
        do throws(LoopError) {
            try exchange.request.write(to: stream, common: commonLines, exchange.headers, &head)
            exchange.markSent()
            if stream.queuedByteCount == 0 { exchange.markWritten() }
        } catch {
            lose(exchange)
        }
    }

    private func drained() {
        if case .exchanging(let exchange) = state { exchange.markWritten() }
    }

    private func received(_ bytes: UnsafeRawBufferPointer) {
        // Nobody asked for anything: whatever it is, the next answer could not be told from it.
        guard case .exchanging = state else { return close() }
        // More would have come with them.
        if let stream, bytes.count < stream.readSize { turnOfLastRead = loop.turn }
        var unread = bytes
        // Whoever gives the exchange up closes the connection.
        while case .exchanging(let exchange) = state {
            do throws(HTTPError) {
                guard let event = try reader.next(&unread) else { return exchange.endRead() }
                if take(event, of: exchange) { return }
            } catch {
                return fail(exchange, UpstreamError(error))
            }
        }
    }

    /// - Parameter error: `nil` if Pieces OS has closed the connection, which ends some answers properly.
    private func ended(_ error: LoopError?) {
        switch state {
        case .exchanging(let exchange):
            guard reader.hasReceivedBytes else { return lose(exchange) }
            guard error == nil, let event = reader.endOfConnection() else { return fail(exchange, .connectionLost) }
            _ = take(event, of: exchange)
        case .idle: close()
        case .connecting, .closed: break
        }
    }

    /// - Returns: whether it was the last event of the answer.
    private func take(_ event: HTTPResponseReader.Event, of exchange: Exchange) -> Bool {
        switch event {
        case .head(let status): exchange.receive(status: status, announcedLength: reader.announcedLength)
        case .part(let part): exchange.receive(part: part)
        case .end(let body, let canGoOn):
            complete(exchange, body, canGoOn)
            return true
        }
        return false
    }

    private func complete(_ exchange: Exchange, _ body: UnsafeRawBufferPointer, _ canGoOn: Bool) {
        guard let status = exchange.httpStatus else { preconditionFailure("an answer has ended before its head") }
        // A server that answers before the request has arrived may never read the rest, which then is in the way.
        let isReusable = canGoOn && stream?.queuedByteCount == 0 && !isRequestLarge
        servedExchanges += 1
        state = .idle
        lastAnswer = UpstreamAnswer(time: loop.turnTime, nanoseconds: loop.turnTime - startTime)
        owner.connection(self, hasAnswered: exchange)
        // Its receiver may have paused it, and an idle connection has to notice its end.
        resumeReading()
        exchange.finish(status: status, body: body)
        guard case .idle = state else { return }
        if isReusable { owner.connectionBecameIdle(self) } else { close() }
    }

    // MARK: - Failing

    /// The connection died before the first byte of an answer.
    private func lose(_ exchange: Exchange) {
        guard servedExchanges > 0, exchange.request.isRepeatable, !exchange.hasBeenRepeated else {
            return fail(exchange, .connectionLost)
        }
        closeStream()
        exchange.markRepeated()
        owner.connection(self, wantsRepeated: exchange)
    }

    private func fail(_ exchange: Exchange, _ error: UpstreamError) {
        closeStream()
        exchange.fail(error)
        owner.connectionClosed(self)
    }

    // MARK: - Closing

    /// Closes it, unless it is closed already. An exchange on it is abandoned; on HTTP/1.1 that is the only way to say so.
    func close() {
        let closing = state
        closeStream()
        switch closing {
        case .closed: return
        case .connecting(let exchange, _), .exchanging(let exchange): exchange.abandon()
        case .idle: break
        }
        owner.connectionClosed(self)
    }

    private func closeStream() {
        if case .connecting(_, let attempt) = state { attempt.close() }
        state = .closed
        stream?.close()
        stream = nil
    }
}

extension UpstreamConnection: ExchangeConnection {
    func pauseReading() {
        stream?.pauseReading()
    }

    func resumeReading() {
        // Fails only on a closed stream, which has nothing to read.
        try? stream?.resumeReading()
    }

    func giveUp(_ exchange: Exchange) {
        close()
    }
}

@available(*, unavailable) extension UpstreamConnection: Sendable {}
