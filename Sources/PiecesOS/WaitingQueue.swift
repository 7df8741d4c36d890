/// The exchanges that wait for a connection, first come first, and what each client has in it.
struct WaitingQueue {
    private var exchanges: [Exchange] = []
    private var counts: [ObjectIdentifier: Int] = [:]
    /// Bytes of the bodies of their requests.
    private(set) var bodySize = 0

    var count: Int { exchanges.count }
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
        counts[exchange.client, default: 0] += 1
        bodySize += exchange.request.bodySize
    }

    /// Takes out the first exchange that is like that.
    mutating func removeFirst(where isWanted: (Exchange) -> Bool = { _ in true }) -> Exchange? {
        exchanges.firstIndex(where: isWanted).map { remove(at: $0) }
    }

    /// Takes out the last exchange of the client that has most of them, if that is more than `client` would have with
    /// one more.
    mutating func removeLast(ofMoreThan client: ObjectIdentifier) -> Exchange? {
        guard let most = counts.max(by: { $0.value < $1.value }), most.value > counts[client, default: 0] + 1 else {
            return nil
        }
        return exchanges.lastIndex { $0.client == most.key }.map { remove(at: $0) }
    }

    private mutating func remove(at index: Int) -> Exchange {
        let exchange = exchanges.remove(at: index)
        bodySize -= exchange.request.bodySize
        let count = counts[exchange.client, default: 1] - 1
        counts[exchange.client] = count == 0 ? nil : count
        return exchange
    }

    mutating func removeAll() -> [Exchange] {
        defer { self = WaitingQueue() }
        return exchanges
    }
}
