import EventLoop

// What becomes of a question how Pieces OS is.
extension Upstream {
    /// Milliseconds for which what it says of itself counts more than its answers to calls.
    private static let wordTime: UInt64 = 2_000
    /// The same of what it does not say: longer than it takes until the next question has no answer either.
    private static let silenceTime: UInt64 = 5_000

    /// Sends a question about its health. However many calls there are, it does not wait for them: if need be it has a
    /// connection of its own beyond the limit.
    func ask(_ exchange: Exchange) {
        if startOnIdle(exchange) { return }
        if let endpoint = finder.endpoint { connect(to: endpoint, for: exchange) } else { wait(first: exchange) }
    }

    /// What the answer means for Pieces OS. One whose place was named may not know the question: it is there.
    func health(status: Int, saying text: [UInt8]) -> Health {
        var health = Health(status: status, saying: text)
        if status == 404, location != .auto { health = .healthy }
        switch health {
        case .healthy:
            notReadyUntil = 0
            noteServing(place)
            return .healthy
        case .notReady(let what): return .notReady(noteNotReady(what, for: Self.wordTime))
        }
    }

    /// A question has no answer, and gets none; says what that means.
    func healthFailed(_ error: UpstreamError) -> String {
        switch error {
        case .connectionLost: return noteNotReady("it closes the connection instead of saying that it is healthy")
        case .badHTTP(let what), .tooLarge(let what):
            return note(.unreachable("\(place) is not Pieces OS: its answer is not HTTP: \(what)"))
        case .unreachable, .distrusted, .notReady, .queueFull: return UpstreamState.failing(error).sentence
        }
    }

    /// A question has no answer yet; says what that means.
    /// - Parameter milliseconds: that have passed since it was asked.
    func healthIsLate(_ exchange: Exchange, by milliseconds: UInt64) -> String {
        let seconds = milliseconds / 1_000
        guard let endpoint = finder.endpoint else {
            // The search before this one had more time to find it out.
            if case .notReady(let said) = state { return said }
            let sentence = finder.whatIsNotReady ?? "Pieces OS has not been found within \(seconds) s"
            return note(.notReady(sentence))
        }
        guard exchange.requestSent || endpoint.mustBeTrusted else {
            let sentence = "cannot connect to \(endpoint): it has taken no connection within \(seconds) s"
            return note(.unreachable(sentence))
        }
        return noteNotReady("it has not said within \(seconds) s that it is healthy")
    }

    /// A call is given up. That it had no answer says nothing of one that has answered others.
    func noteSilence(of exchange: Exchange) {
        guard state == .unknown, exchange.requestSent, exchange.httpStatus == nil, !exchange.asksHealth else { return }
        let milliseconds = loop.now - exchange.arrival
        guard milliseconds >= 1_000 else { return }
        become(.notReady("Pieces OS at \(place) has not answered a call within \(milliseconds) ms"))
    }

    private func noteNotReady(_ what: String, for milliseconds: UInt64 = silenceTime) -> String {
        note(.notReady("Pieces OS at \(place) is not ready: \(what)"), for: milliseconds)
    }

    /// - Parameter milliseconds: for which it counts more than answers to calls.
    private func note(_ state: UpstreamState, for milliseconds: UInt64 = silenceTime) -> String {
        notReadyUntil = loop.now + milliseconds
        become(state)
        return state.sentence
    }

    /// Where Pieces OS is, or where it has to be looked for.
    private var place: String { finder.endpoint?.description ?? "\(location)" }
}

extension Exchange {
    /// The connection that was made for it began with its question.
    func finishHealthy() {
        Array("ok".utf8).withUnsafeBytes { finish(status: 200, body: $0) }
    }
}
