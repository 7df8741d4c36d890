import EventLoop

// What becomes of a question how Pieces OS is.
extension Upstream {
    /// Milliseconds for which what it says of itself counts more than its answers to calls.
    private static let wordTime: UInt64 = 2_000

    /// Sends a question about its health. However many calls there are, it does not wait for them: if need be it has a
    /// connection of its own beyond the limit.
    func ask(_ exchange: Exchange) {
        if startOnIdle(exchange) { return }
        if let endpoint = finder.endpoint { connect(to: endpoint, for: exchange) } else { wait(first: exchange) }
    }

    /// What the answer means for Pieces OS. One whose place was named may not know the question: it is there.
    func health(status: Int, saying text: [UInt8]) -> Health {
        let place = finder.endpoint?.description ?? "\(location)"
        var health = Health(status: status, saying: text)
        if status == 404, location != .auto { health = .healthy }
        switch health {
        case .healthy:
            notReadyUntil = 0
            noteServing(place)
            return .healthy
        case .notReady(let what):
            let sentence = "Pieces OS at \(place) is not ready: \(what)"
            notReadyUntil = loop.now + Self.wordTime
            become(.notReady(sentence))
            return .notReady(sentence)
        }
    }
}

extension Exchange {
    /// The connection that was made for it began with its question.
    func finishHealthy() {
        Array("ok".utf8).withUnsafeBytes { finish(status: 200, body: $0) }
    }
}
