/// The exchanges that wait for a connection, and what each client has in the queue. Of the exchanges of one client the
/// oldest is served first; of the clients the one that was served longest ago. So a client with many holds up nobody else.
struct WaitingQueue {
    /// How much of the queue is one client's, or all of them together.
    final class Share {
        fileprivate(set) var count = 0
        /// Bytes of their requests.
        fileprivate(set) var size = 0
        /// When one of them was last taken out to be served; later is more. A new client counts as just served.
        fileprivate var lastServed: Int

        fileprivate init(lastServed: Int = 0) {
            self.lastServed = lastServed
        }

        fileprivate func add(_ exchange: Exchange) {
            count += 1
            size += exchange.size
        }

        fileprivate func remove(_ exchange: Exchange) {
            count -= 1
            size -= exchange.size
        }
    }

    private var waiting: [(exchange: Exchange, share: Share)] = []
    /// Those of clients that are held back, who are not served.
    private var heldBack: [ObjectIdentifier: [Exchange]] = [:]
    private var shares: [ObjectIdentifier: Share] = [:]
    private(set) var total = Share()
    private var served = 0

    /// Nobody is to be served.
    var isEmpty: Bool { waiting.isEmpty }
    /// Those who are to be served.
    var count: Int { waiting.count }
    /// All but those that ask for health.
    var callCount: Int { total.count - waiting.count { $0.exchange.asksHealth } }

    mutating func append(_ exchange: Exchange) {
        insert(exchange, isFirst: false)
    }

    mutating func insertFirst(_ exchange: Exchange) {
        insert(exchange, isFirst: true)
    }

    private mutating func insert(_ exchange: Exchange, isFirst: Bool) {
        exchange.wait()
        let share = shares[exchange.client] ?? Share(lastServed: served)
        shares[exchange.client] = share
        share.add(exchange)
        total.add(exchange)
        if let exchanges = heldBack[exchange.client] {
            heldBack[exchange.client]?.insert(exchange, at: isFirst ? 0 : exchanges.count)
        } else {
            waiting.insert((exchange, share), at: isFirst ? 0 : waiting.endIndex)
        }
    }

    /// Whether others than this client have exchanges in it that came at that time or before.
    func holds(anyBut client: ObjectIdentifier, since time: UInt64) -> Bool {
        waiting.contains { $0.exchange.client != client && $0.exchange.arrival <= time }
    }

    // MARK: - Holding back

    func holdsBack(_ client: ObjectIdentifier) -> Bool {
        !heldBack.isEmpty && heldBack[client] != nil
    }

    /// Serves a client no more, until it is to go on. What it has in the queue still counts.
    mutating func holdBack(_ client: ObjectIdentifier) {
        guard !holdsBack(client) else { return }
        heldBack[client] = []
        guard shares[client] != nil else { return }
        heldBack[client] = waiting.filter { $0.exchange.client == client }.map(\.exchange)
        waiting.removeAll { $0.exchange.client == client }
    }

    /// What a client has in the queue stands behind that of others then.
    mutating func goOn(for client: ObjectIdentifier, at time: UInt64) {
        guard let exchanges = heldBack.removeValue(forKey: client), let share = shares[client] else { return }
        // Until now it waited for itself.
        for exchange in exchanges { exchange.arrival = time }
        waiting += exchanges.map { ($0, share) }
    }

    // MARK: - Taking out

    /// Takes out the next exchange to serve, of those that are wanted.
    mutating func removeNext(where isWanted: (Exchange) -> Bool = { _ in true }) -> Exchange? {
        var next: Int?
        var lastServed = Int.max
        for (index, entry) in waiting.enumerated()
        where entry.share.lastServed < lastServed && isWanted(entry.exchange) {
            next = index
            lastServed = entry.share.lastServed
        }
        guard let next else { return nil }
        served += 1
        waiting[next].share.lastServed = served
        return remove(at: next)
    }

    mutating func removeFirst() -> Exchange? {
        isEmpty ? nil : remove(at: waiting.startIndex)
    }

    mutating func remove(_ exchange: Exchange) {
        if let index = waiting.firstIndex(where: { $0.exchange === exchange }) {
            _ = remove(at: index)
        } else if let index = heldBack[exchange.client]?.firstIndex(where: { $0 === exchange }) {
            heldBack[exchange.client]?.remove(at: index)
            forget(exchange)
        }
    }

    /// The client with the most, if it has the excess in the queue and would without it still have no less than the client of
    /// `newcomer`.
    /// - Parameter unwritten: what clients have besides, where sizes are measured.
    func client(
        withMost measure: KeyPath<Share, Int>,
        _ excess: Int,
        besides newcomer: Exchange,
        also unwritten: UnwrittenRequests = UnwrittenRequests()
    ) -> ObjectIdentifier? {
        func amount(_ client: ObjectIdentifier) -> Int {
            (shares[client]?[keyPath: measure] ?? 0) + (measure == \.size ? unwritten.size(of: client) : 0)
        }
        let giving = shares.filter { $0.value[keyPath: measure] >= excess }.keys
        guard let most = giving.max(by: { amount($0) < amount($1) }) else { return nil }
        let alone = Share()
        alone.add(newcomer)
        return amount(most) - excess >= alone[keyPath: measure] + amount(newcomer.client) ? most : nil
    }

    /// Takes out the newest exchange of a client.
    mutating func removeLast(of client: ObjectIdentifier) -> Exchange? {
        if let exchange = heldBack[client]?.popLast() {
            forget(exchange)
            return exchange
        }
        return waiting.lastIndex { $0.exchange.client == client }.map { remove(at: $0) }
    }

    mutating func removeAll() -> [Exchange] {
        defer { self = WaitingQueue() }
        return waiting.map(\.exchange) + heldBack.values.joined()
    }

    private mutating func remove(at index: Int) -> Exchange {
        let exchange = waiting.remove(at: index).exchange
        forget(exchange)
        return exchange
    }

    private mutating func forget(_ exchange: Exchange) {
        total.remove(exchange)
        guard let share = shares[exchange.client] else { return }
        share.remove(exchange)
        if share.count == 0 { shares[exchange.client] = nil }
    }
}
