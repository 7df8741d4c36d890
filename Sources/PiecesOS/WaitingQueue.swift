/// The exchanges that wait for a connection, first come first, and what each client has in it.
struct WaitingQueue {
    /// What some of the exchanges take.
    struct Share {
        var count = 0
        /// Bytes of their requests.
        var size = 0

        mutating func add(_ exchange: Exchange) {
            count += 1
            size += exchange.size
        }

        mutating func remove(_ exchange: Exchange) {
            count -= 1
            size -= exchange.size
        }
    }

    private var exchanges: [Exchange] = []
    private var shares: [ObjectIdentifier: Share] = [:]
    private(set) var total = Share()

    var isEmpty: Bool { exchanges.isEmpty }

    mutating func append(_ exchange: Exchange) {
        insert(exchange, at: exchanges.endIndex)
    }

    mutating func insertFirst(_ exchange: Exchange) {
        insert(exchange, at: exchanges.startIndex)
    }

    private mutating func insert(_ exchange: Exchange, at index: Int) {
        exchange.state = .waiting
        exchanges.insert(exchange, at: index)
        shares[exchange.client, default: Share()].add(exchange)
        total.add(exchange)
    }

    /// Takes out the first exchange that is like that.
    mutating func removeFirst(where isWanted: (Exchange) -> Bool = { _ in true }) -> Exchange? {
        exchanges.firstIndex(where: isWanted).map { remove(at: $0) }
    }

    /// Takes out the last exchange of the client that has most of what is scarce, if that is more than the client of
    /// `newcomer` would have with it.
    mutating func removeLast(ofMore scarce: KeyPath<Share, Int>, for newcomer: Exchange) -> Exchange? {
        var own = shares[newcomer.client, default: Share()]
        own.add(newcomer)
        guard let most = shares.max(by: { $0.value[keyPath: scarce] < $1.value[keyPath: scarce] }),
            most.value[keyPath: scarce] > own[keyPath: scarce]
        else { return nil }
        return exchanges.lastIndex { $0.client == most.key }.map { remove(at: $0) }
    }

    private mutating func remove(at index: Int) -> Exchange {
        let exchange = exchanges.remove(at: index)
        total.remove(exchange)
        shares[exchange.client]?.remove(exchange)
        if shares[exchange.client]?.count == 0 { shares[exchange.client] = nil }
        return exchange
    }

    mutating func removeAll() -> [Exchange] {
        defer { self = WaitingQueue() }
        return exchanges
    }
}
