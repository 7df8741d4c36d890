// What becomes of calls where nobody named the endpoint: it is searched for, and each new connection to it begins with an
// introduction, because another program may listen there by now.

extension Upstream {
    func discoverIfNeeded() {
        guard endpoint == nil, !isDiscovering, !waiting.isEmpty else { return }
        isDiscovering = true
        discovery.search { [self] outcome in
            isDiscovering = false
            reportStrangers()
            switch outcome {
            case .found(let found, let connection):
                endpoint = found
                begin(connection, to: found, for: waiting.removeNext())
            case .failed(let error): failWaiting(error)
            }
            serveWaiting()
        }
    }

    private func reportStrangers() {
        for stranger in discovery.strangers.subtracting(strangers).sorted(by: { $0.location < $1.location }) {
            changed?(.distrusted(user: stranger.user, at: stranger.location))
        }
        strangers = discovery.strangers
    }

    private func failWaiting(_ error: UpstreamError) {
        noteFailure(error)
        let failing = waiting.removeAll()
        for exchange in failing { exchange.end() }
        for exchange in failing { exchange.receiver.failed(error) }
    }

    // MARK: - Introductions

    func introduce(to endpoint: Endpoint, for exchange: Exchange) {
        exchange.state = .connecting
        let introduction = Introduction(
            loop: loop,
            endpoint: endpoint,
            limits: limits,
            patience: Discovery.morePatience
        ) { [self] ended, outcome in
            guard let index = introductions.firstIndex(where: { $0.introduction === ended }) else { return }
            let exchange = introductions.remove(at: index).exchange
            switch outcome {
            case .success(let connection): begin(connection, to: endpoint, for: exchange)
            case .failure(let error): couldNotOpen(for: exchange, to: endpoint, error)
            }
        }
        introductions.append((introduction, exchange))
        introduction.start()
    }

    /// Goes on with a connection on which Pieces OS has just said that it is healthy. If that has ended with the answer,
    /// the next one is not asked again: it would end so too.
    private func begin(_ connection: UpstreamConnection?, to endpoint: Endpoint, for exchange: Exchange?) {
        noteServing(endpoint)
        if let connection {
            connections.append(connection)
            connection.owner = self
            if let exchange { connection.start(exchange) } else { connectionBecameIdle(connection) }
        } else if let exchange {
            connect(to: endpoint, for: exchange)
        } else {
            serveWaiting()
        }
    }

    /// The connection that is being made may serve another.
    func leaveIntroduction(_ exchange: Exchange) {
        guard let index = introductions.firstIndex(where: { $0.exchange === exchange }) else { return }
        introductions[index].exchange = nil
        exchange.end()
    }
}
