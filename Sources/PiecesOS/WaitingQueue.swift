/// The exchanges that wait for a connection, and what each client has in the queue. Within a client the first to come is
/// the first to go; among clients it is whoever was served longest ago, so that one who asks much holds up nobody else.
struct WaitingQueue {
    /// What some of the exchanges take.
    final class Share {
        fileprivate(set) var count = 0
        /// Bytes of their requests.
        fileprivate(set) var size = 0
        /// When one of them was last taken out to be served: later is more. A client that is new counts as just served.
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
    private var shares: [ObjectIdentifier: Share] = [:]
    private(set) var total = Share()
    private var served = 0

    var isEmpty: Bool { waiting.isEmpty }

    mutating func append(_ exchange: Exchange) {
        insert(exchange, at: waiting.endIndex)
    }

    mutating func insertFirst(_ exchange: Exchange) {
        insert(exchange, at: waiting.startIndex)
    }

    private mutating func insert(_ exchange: Exchange, at index: Int) {
        exchange.state = .waiting
        let share = shares[exchange.client] ?? Share(lastServed: served)
        shares[exchange.client] = share
        share.add(exchange)
        total.add(exchange)
        waiting.insert((exchange, share), at: index)
    }

    func holds(anyBut client: ObjectIdentifier) -> Bool {
        shares.contains { $0.key != client }
    }

    // MARK: - Taking out

    /// Takes out the next exchange to serve, of those that are like that.
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

    mutating func remove(_ exchange: Exchange) {
        if let index = waiting.firstIndex(where: { $0.exchange === exchange }) { _ = remove(at: index) }
    }

    /// The client that has most of what is scarce, if it would have no less than that of `newcomer` even without the
    /// excess.
    func client(withMost scarce: KeyPath<Share, Int>, excess: Int, besides newcomer: Exchange) -> ObjectIdentifier? {
        guard let most = shares.max(by: { $0.value[keyPath: scarce] < $1.value[keyPath: scarce] }) else { return nil }
        let alone = Share()
        alone.add(newcomer)
        let own = alone[keyPath: scarce] + (shares[newcomer.client]?[keyPath: scarce] ?? 0)
        return most.value[keyPath: scarce] - excess >= own ? most.key : nil
    }

    mutating func removeLast(of client: ObjectIdentifier) -> Exchange? {
        waiting.lastIndex { $0.exchange.client == client }.map { remove(at: $0) }
    }

    mutating func removeAll() -> [Exchange] {
        defer { self = WaitingQueue() }
        return waiting.map(\.exchange)
    }

    private mutating func remove(at index: Int) -> Exchange {
        let (exchange, share) = waiting.remove(at: index)
        total.remove(exchange)
        share.remove(exchange)
        if share.count == 0 { shares[exchange.client] = nil }
        return exchange
    }
}
