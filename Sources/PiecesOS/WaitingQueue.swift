/// The exchanges that wait for a connection, first come first, and how much memory their requests take.
struct WaitingQueue {
    private var exchanges: [Exchange] = []
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
        bodySize += exchange.request.bodySize
    }

    /// Takes out the first exchange that is like that.
    mutating func removeFirst(where isWanted: (Exchange) -> Bool = { _ in true }) -> Exchange? {
        guard let index = exchanges.firstIndex(where: isWanted) else { return nil }
        let exchange = exchanges.remove(at: index)
        bodySize -= exchange.request.bodySize
        return exchange
    }

    mutating func removeAll() -> [Exchange] {
        defer { self = WaitingQueue() }
        return exchanges
    }
}
