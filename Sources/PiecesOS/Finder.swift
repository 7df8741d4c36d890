import EventLoop

/// Knows where Pieces OS is, and who is there: it searches where nobody named an endpoint, and has each connection to what
/// it found begin with an introduction, because another program may listen there by now.
final class Finder {
    /// Who wants connections, and is told what comes of it.
    protocol Owner: AnyObject {
        /// Pieces OS has just said that it is healthy.
        /// - Parameters:
        ///   - connection: the one on which it did, unless that has ended with the answer.
        ///   - exchange: the one that a connection was wanted for, unless it was given up.
        func found(_ endpoint: Endpoint, _ connection: UpstreamConnection?, for exchange: Exchange?)
        func foundNothing(_ error: UpstreamError)
        /// Pieces OS is not where it was found.
        func lost(_ endpoint: Endpoint, for exchange: Exchange?, _ error: UpstreamError)
        func noticed(_ change: UpstreamChange)
    }

    /// `nil` while it is to be found.
    private(set) var endpoint: Endpoint?
    private let loop: Loop
    private let limits: UpstreamLimits
    private unowned let owner: any Owner
    private let discovery: Discovery
    private var isSearching = false
    /// Searches that were begun.
    private(set) var searchCount = 0
    /// Those that the last search has met.
    private var strangers: Set<Discovery.Stranger> = []
    private var introductions: [Introduction] = []

    init(loop: Loop, endpoint: Endpoint?, limits: UpstreamLimits, owner: any Owner) {
        self.loop = loop
        self.endpoint = endpoint
        self.limits = limits
        self.owner = owner
        discovery = Discovery(loop: loop, limits: limits)
    }

    /// Connections that are being made.
    var count: Int { introductions.count }

    /// What is there and not ready, as far as the search that is under way has come.
    var whatIsNotReady: String? { discovery.whatIsNotReady }

    /// Searches, unless Pieces OS is found or a search is under way.
    func search() {
        guard endpoint == nil, !isSearching else { return }
        isSearching = true
        searchCount += 1
        discovery.search { [self] outcome in
            isSearching = false
            reportStrangers()
            switch outcome {
            case .found(let found, let connection):
                endpoint = found
                owner.found(found, connection, for: nil)
            case .failed(let error): owner.foundNothing(error)
            }
        }
    }

    private func reportStrangers() {
        for stranger in discovery.strangers.subtracting(strangers).sorted(by: { $0.location < $1.location }) {
            owner.noticed(.distrusted(user: stranger.user, at: stranger.location))
        }
        strangers = discovery.strangers
    }

    /// Makes a connection for an exchange that waits for it.
    func introduce(to endpoint: Endpoint, for exchange: Exchange) {
        let introduction = Introduction(
            loop: loop,
            endpoint: endpoint,
            limits: limits,
            patience: Discovery.morePatience,
            for: exchange
        ) { [self] ended, outcome in
            introductions.removeAll { $0 === ended }
            switch outcome {
            case .success(let connection): owner.found(endpoint, connection, for: ended.waiting)
            case .failure(let error): owner.lost(endpoint, for: ended.waiting, error)
            }
        }
        introductions.append(introduction)
        introduction.start()
    }

    /// Pieces OS is no longer there: it is searched for again.
    func forget(_ endpoint: Endpoint) {
        if endpoint == self.endpoint, endpoint.mustBeTrusted { self.endpoint = nil }
    }

    func close() {
        discovery.close()
        let closing = introductions
        introductions = []
        for introduction in closing { introduction.close() }
    }
}

@available(*, unavailable) extension Finder: Sendable {}
