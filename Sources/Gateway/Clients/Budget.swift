/// What all clients together may have of one thing. Where they have more, the client with the most gives some of it up,
/// so that nobody can take the room from all others.
final class Budget {
    /// How the thing is found at a client, and taken from it.
    struct Thing: Sendable {
        /// How much of it a client has, weighed by what makes it worse.
        let weight: @Sendable (any Client) -> Double
        /// Takes some of it from the client, and says how much comes back.
        let take: @Sendable (any Client) -> Int
    }

    let limit: Int
    private let thing: Thing
    private let register: ClientRegister
    /// Clients that had the most, give or take an eighth, when all were last looked at. That is how seldom all have to be
    /// looked at, however many come when there is no room.
    private var heaviest: [any Client] = []
    /// No client has more.
    private var ceiling = Double.infinity

    init(_ limit: Int, _ thing: Thing, of register: ClientRegister) {
        self.limit = limit
        self.thing = thing
        self.register = register
    }

    /// Takes so much from the clients with the most. What they have may have grown since the last time.
    func takeBack(_ excess: Int) {
        ceiling = .infinity
        var rest = excess
        while rest > 0, let client = heaviest(above: 0) { rest -= thing.take(client) }
        heaviest = []
    }

    /// Takes some from a client that has more than this one would have with one more.
    func makeRoom(for newcomer: any Client) -> Bool {
        guard let client = heaviest(above: thing.weight(newcomer) + 1) else { return false }
        return thing.take(client) > 0
    }

    /// Notes that a client is about to have one more.
    func grows(_ client: any Client) {
        ceiling = max(ceiling, thing.weight(client) + 1)
    }

    /// Forgets the clients with the most, because one of them may have gone.
    func forget() {
        heaviest = []
    }

    private func heaviest(above least: Double) -> (any Client)? {
        while ceiling > least {
            while let client = heaviest.last {
                let weight = thing.weight(client)
                if weight > least, weight >= ceiling * 0.875 { return client }
                heaviest.removeLast()
            }
            let weights = register.all.lazy.map(thing.weight)
            ceiling = weights.max() ?? 0
            heaviest = register.all.filter { thing.weight($0) >= ceiling * 0.875 }
        }
        return nil
    }
}
