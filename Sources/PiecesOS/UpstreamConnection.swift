import EventLoop
import HTTP

/// One connection to Pieces OS, with at most one exchange on it at a time.
final class UpstreamConnection {
    private enum State {
        case connecting(Exchange)
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
    private var ownerLookup: SocketTables?
    var isLookingUpOwner: Bool { ownerLookup != nil }
    private var state = State.idle
    private var servedExchanges = 0
    private var remainingAddresses: ArraySlice<SocketAddress>
    /// What was wrong with each of the addresses that were tried.
    private var failures: [String] = []
    private var outgoing: [UInt8] = []

    /// For an exchange that waits for it; `connect()` comes next.
    init(loop: Loop, endpoint: Endpoint, limits: Upstream.Limits, owner: any Owner, for exchange: Exchange) {
        self.loop = loop
        self.endpoint = endpoint
        self.owner = owner
        reader = HTTPResponseReader(headLimit: limits.head, bodyLimit: limits.body)
        remainingAddresses = endpoint.addresses[...]
        state = .connecting(exchange)
        exchange.state = .connecting
        exchange.connection = self
    }

    // MARK: - Connecting

    /// Tries the next address of the endpoint. Separate from init, because its outcome goes to the owner.
    func connect() {
        guard case .connecting = state else { return }
        guard let address = remainingAddresses.popFirst() else {
            return couldNotConnect("\(endpoint): it has no address")
        }
        do throws(LoopError) {
            let family: ByteStream.Family = if case .unix = address { .unix } else { .internet }
            let stream = try ByteStream(loop: loop, family: family)
            self.stream = stream
            // The streams of connections hold their connection until they are closed.
            try stream.connect(to: address) { [self] error in connected(to: address, error) }
        } catch {
            couldNotConnect(to: address, error)
        }
    }

    private func connected(to address: SocketAddress, _ error: LoopError?) {
        guard case .connecting = state, let stream else { return }
        if let error { return couldNotConnect(to: address, error) }
        do throws(LoopError) {
            if case .internet(let host, let port) = address {
                try stream.disableWriteCoalescing()
                guard try !stream.hasMetItself() else { return couldNotConnect(to: address, .connectionRefused) }
                if endpoint.mustBeTrusted {
                    return lookUp(PeerOwner(address: host, port: port, ownPort: try stream.ownPort()))
                }
            }
        } catch {
            return couldNotConnect(to: address, error)
        }
        startFirst()
    }

    private func lookUp(_ owner: PeerOwner) {
        ownerLookup = owner.lookUp(for: endpoint, loop: loop) { [self] objection in
            ownerLookup = nil
            if let objection { failConnecting(objection) } else { startFirst() }
        }
    }

    /// Sends what the connection was made for.
    private func startFirst() {
        guard case .connecting(let exchange) = state, let stream else { return }
        do throws(LoopError) {
            try stream.startReading(.init(received: { [self] in received($0) }, ended: { [self] in ended($0) }))
        } catch {
            return couldNotConnect("\(endpoint): \(error)")
        }
        state = .idle
        start(exchange)
    }

    private func couldNotConnect(to address: SocketAddress, _ error: LoopError) {
        failures.append("\(address): \(error)")
        guard remainingAddresses.isEmpty else {
            stream?.close()
            return connect()
        }
        couldNotConnect(failures.joined(separator: "; "))
    }

    private func couldNotConnect(_ reason: String) {
        failConnecting(.unreachable("cannot connect to \(reason)"))
    }

    private func failConnecting(_ error: UpstreamError) {
        guard case .connecting(let exchange) = state else { return }
        closeStream()
        exchange.connection = nil
        owner.connection(self, couldNotConnectFor: exchange, error)
    }

    // MARK: - Exchanging

    /// Sends the request of an exchange. Only on an idle connection.
    func start(_ exchange: Exchange) {
        guard case .idle = state, let stream else {
            preconditionFailure("an exchange was started on a connection that was not idle")
        }
        state = .exchanging(exchange)
        exchange.state = .exchanging
        exchange.connection = self
        reader.expect(exchange.delivery)
        outgoing.removeAll(keepingCapacity: true)
        exchange.request.append(to: &outgoing, authority: endpoint.authority, lines: exchange.headers.lines)
        do throws(LoopError) {
            try stream.write(outgoing)
            exchange.requestSent = true
            if exchange.request.isLarge { outgoing = [] }
        } catch {
            lost(exchange)
        }
    }

    private func received(_ bytes: UnsafeRawBufferPointer) {
        // Nobody asked for anything: whatever it is, the next answer could not be told from it.
        if case .idle = state { return closeIdle() }
        var unread = bytes
        // An exchange that is cancelled closes the connection.
        while case .exchanging(let exchange) = state {
            do throws(HTTPError) {
                guard let event = try reader.next(&unread) else { return }
                take(event, of: exchange)
            } catch {
                return fail(exchange, UpstreamError(error))
            }
        }
    }

    private func take(_ event: HTTPResponseReader.Event, of exchange: Exchange) {
        switch event {
        case .head(let status): exchange.httpStatus = status
        case .part(let part): exchange.receiver.received(part: part)
        case .end(let body, let canGoOn): complete(exchange, body, canGoOn)
        }
    }

    /// - Parameter error: `nil` if Pieces OS has closed the connection, which ends some answers properly.
    private func ended(_ error: LoopError?) {
        switch state {
        case .exchanging(let exchange):
            guard reader.hasReceivedBytes else { return lost(exchange) }
            guard error == nil else { return fail(exchange, .connectionLost) }
            guard let event = reader.endOfConnection() else { return fail(exchange, .connectionLost) }
            take(event, of: exchange)
        case .idle: closeIdle()
        case .connecting, .closed: break
        }
    }

    private func complete(_ exchange: Exchange, _ body: UnsafeRawBufferPointer, _ canGoOn: Bool) {
        guard let status = exchange.httpStatus else { preconditionFailure("an answer ended before its head") }
        // Who answers before the request has arrived may never read the rest, which then is in the way.
        let isReusable = canGoOn && stream?.queuedByteCount == 0 && !exchange.request.isLarge
        servedExchanges += 1
        state = .idle
        exchange.end()
        owner.connectionHasAnswered(self)
        // Its receiver may have paused it, and an idle connection has to notice its end.
        resumeReading()
        exchange.receiver.finished(status: status, body: body)
        reader.forget()
        isReusable ? becomeIdle() : closeIdle()
    }

    private func becomeIdle() {
        // The receiver may have closed everything.
        guard case .idle = state else { return }
        owner.connectionBecameIdle(self)
    }

    /// Closes the connection, which is idle, and says so, if something has arrived: it was not asked for and would pass for
    /// the next answer, or it is the end, which the next request would meet.
    func closeUnlessQuiet() -> Bool {
        guard let stream, stream.isQuiet else {
            closeIdle()
            return true
        }
        return false
    }

    /// The connection died before the first byte of an answer.
    private func lost(_ exchange: Exchange) {
        guard servedExchanges > 0, exchange.request.isRepeatable, !exchange.hasBeenRepeated else {
            return fail(exchange, .connectionLost)
        }
        closeStream()
        exchange.connection = nil
        exchange.hasBeenRepeated = true
        owner.connection(self, wantsRepeated: exchange)
    }

    private func fail(_ exchange: Exchange, _ error: UpstreamError) {
        closeStream()
        exchange.end()
        exchange.receiver.failed(error)
        owner.connectionClosed(self)
    }

    func pauseReading() {
        stream?.pauseReading()
    }

    func resumeReading() {
        // Fails only on a closed stream, which has nothing to read.
        try? stream?.resumeReading()
    }

    // MARK: - Closing

    /// Gives up the exchange. On HTTP/1.1 closing is the only way to say so.
    func cancel() {
        switch state {
        case .connecting(let exchange), .exchanging(let exchange):
            closeStream()
            exchange.end()
            owner.connectionClosed(self)
        case .idle, .closed: break
        }
    }

    /// Closes a connection that nothing is on.
    func closeIdle() {
        guard case .idle = state else { return }
        closeStream()
        owner.connectionClosed(self)
    }

    private func closeStream() {
        if case .exchanging = state { reader.forget() }
        state = .closed
        ownerLookup?.close()
        ownerLookup = nil
        stream?.close()
        stream = nil
    }
}

@available(*, unavailable) extension UpstreamConnection: Sendable {}
