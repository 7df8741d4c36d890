import EventLoop

/// Looks for Pieces OS at the places where it is known to listen, one after the other. One search at a time.
final class Discovery {
    enum Outcome {
        /// With a connection on which it has just said that it is healthy, unless that has ended with the answer.
        case found(Endpoint, UpstreamConnection?)
        case failed(UpstreamError)
    }

    /// A listener of a user that is not trusted.
    struct Stranger: Hashable {
        let user: UInt32
        let location: String
    }

    private struct Place {
        let endpoint: Endpoint
        /// The user who listens there, if no trusted one does.
        let stranger: UInt32?
    }

    /// Milliseconds that one place may take to say that it is healthy: first, and when none has said so in that time.
    private static let patience: UInt64 = 300
    static let morePatience: UInt64 = 2_000

    private let loop: Loop
    private let limits: UpstreamLimits
    private var socketTables: SocketTables?
    private var places: ArraySlice<Place> = []
    /// Where a trusted listener took the connection, but did not say that it is healthy.
    private var notReady: [(endpoint: Endpoint, error: UpstreamError)] = []
    private var introductions: [Introduction] = []
    private var ended: ((Outcome) -> Void)?
    /// Whom the search has met.
    private(set) var strangers: Set<Stranger> = []

    init(loop: Loop, limits: UpstreamLimits) {
        self.loop = loop
        self.limits = limits
    }

    /// In the order in which they are asked, each once: the documented port, those that Pieces OS wrote down, that of
    /// earlier Linux builds, the range of current builds.
    static func ports(writtenDown: [UInt16]) -> [UInt16] {
        ([1000] + writtenDown + [5323] + Array(39300...39333)).reduce(into: []) { ports, port in
            if !ports.contains(port) { ports.append(port) }
        }
    }

    /// Starts a search; `ended` is told its outcome in a later turn. Only while no search is under way.
    func search(_ ended: @escaping (Outcome) -> Void) {
        precondition(self.ended == nil, "a search was started while another was under way")
        self.ended = ended
        strangers = []
        notReady = []
        let ports = Self.ports(writtenDown: PortFiles.ports())
        var listeners = Listeners()
        socketTables = SocketTables(
            loop: loop,
            ports: Set(ports),
            part: .listeners,
            line: { line in
                listeners.add(line)
                return true
            },
            ended: { [self] error in
                socketTables = nil
                if let error { return finish(.failed(SocketTables.notReadable(error))) }
                places = places(ports, listeners)[...]
                askNext()
            }
        )
    }

    func close() {
        ended = nil
        socketTables?.close()
        socketTables = nil
        closeIntroductions()
    }

    private func finish(_ outcome: Outcome) {
        let ended = ended
        self.ended = nil
        closeIntroductions()
        ended?(outcome)
    }

    private func closeIntroductions() {
        let closing = introductions
        introductions = []
        for introduction in closing { introduction.close() }
    }

    // MARK: - Asking

    /// One look tells where only strangers listen, instead of a connection to each of them and a look for each.
    private func places(_ ports: [UInt16], _ listeners: Listeners) -> [Place] {
        ports.flatMap { Endpoint.localhostAddresses(port: $0) }.compactMap { address in
            guard case .internet(let host, let port) = address else { return nil }
            let users = listeners.users(serving: host, port: port)
            let endpoint = Endpoint(authority: "localhost:\(port)", addresses: [address], mustBeTrusted: true)
            return Place(endpoint: endpoint, stranger: users.contains(where: Listeners.trust) ? nil : users.first)
        }
    }

    private func askNext() {
        while let place = places.popFirst() {
            if let user = place.stranger {
                strangers.insert(Stranger(user: user, location: place.endpoint.description))
                continue
            }
            introductions = [introduction(to: place.endpoint, Self.patience) { [self] in askNext() }]
            return introductions[0].start()
        }
        askAgain()
    }

    /// All at once: the calls that wait must not wait for each of them.
    private func askAgain() {
        guard !notReady.isEmpty else { return finish(.failed(failure)) }
        introductions = notReady.map { place in
            introduction(to: place.endpoint, Self.morePatience) { [self] in
                if introductions.isEmpty { finish(.failed(failure)) }
            }
        }
        for introduction in introductions { introduction.start() }
    }

    private func introduction(
        to endpoint: Endpoint,
        _ patience: UInt64,
        _ goOn: @escaping () -> Void
    ) -> Introduction {
        Introduction(loop: loop, endpoint: endpoint, limits: limits, patience: patience) { [self] ended, outcome in
            introductions.removeAll { $0 === ended }
            switch outcome {
            case .success(let connection): finish(.found(endpoint, connection))
            case .failure(let error):
                note(error, of: endpoint)
                goOn()
            }
        }
    }

    private func note(_ error: UpstreamError, of endpoint: Endpoint) {
        let index = notReady.firstIndex { $0.endpoint == endpoint }
        if case .notReady = error {
            if let index { notReady[index].error = error } else { notReady.append((endpoint, error)) }
        } else if let index {
            notReady.remove(at: index)
        }
        if case .distrusted(let user, let location) = error {
            strangers.insert(Stranger(user: user, location: location))
        }
    }

    /// What is closest to Pieces OS of those who have not said that they are healthy.
    var whatIsNotReady: String? {
        if case .notReady(let what)? = notReady.first?.error { what } else { nil }
    }

    /// What is closest to Pieces OS.
    private var failure: UpstreamError {
        if let first = notReady.first { return first.error }
        if let first = strangers.min(by: { $0.location < $1.location }) {
            return .distrusted(user: first.user, at: first.location)
        }
        return .unreachable("Pieces OS is not to be found on this machine")
    }
}

@available(*, unavailable) extension Discovery: Sendable {}
