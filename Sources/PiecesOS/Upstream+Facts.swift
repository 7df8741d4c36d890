// What can be said of the upstream at once.

extension Upstream {
    /// Where Pieces OS was found.
    package var foundLocation: String? {
        location == .auto || lastAnswer != nil ? finder.endpoint?.description : nil
    }

    /// How it is, for people.
    package var sentence: String {
        let isAsked = !connections.isEmpty || waiting.total.count > 0
        return state == .unknown && isAsked ? "Pieces OS is asked for the first time" : state.sentence
    }

    package var isUp: Bool {
        if case .serving = state { true } else { false }
    }

    /// Searches for Pieces OS that were begun.
    package var discoveryCount: Int { finder.searchCount }

    /// Exchanges of calls that wait for a connection.
    package var waitingCount: Int { waiting.callCount }

    package var idleConnectionCount: Int { idle.count }

    package var connectingCount: Int { finder.count + connections.count(where: \.isConnecting) }

    /// Connections with an exchange on them.
    package var busyConnectionCount: Int { connections.count { !$0.isConnecting } - idle.count }
}

extension UpstreamState {
    var sentence: String {
        switch self {
        case .unknown: "no call has needed Pieces OS yet"
        case .serving(let location): "Pieces OS answers at \(location)"
        case .notReady(let reason), .unreachable(let reason): reason
        case .distrusted(let reason): "who listens is not trusted to be Pieces OS: \(reason)"
        }
    }
}
