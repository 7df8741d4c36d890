// Who waits for a connection, and who makes room.
extension Upstream {
    /// When the queue is full, the client with the most in it loses its newest exchange, so that no client can take all the
    /// room.
    func makeRoom(for exchange: Exchange) -> Bool {
        makeRoom(of: \.size, waiting.total.size + exchange.size - limits.waitingSize, for: exchange)
            && makeRoom(of: \.count, waiting.total.count + 1 - limits.waiting, for: exchange)
    }

    private func makeRoom(of measure: KeyPath<WaitingQueue.Share, Int>, _ excess: Int, for exchange: Exchange) -> Bool {
        guard excess > 0 else { return true }
        guard let client = waiting.client(withMost: measure, excess: excess, besides: exchange) else { return false }
        let enough = waiting.total[keyPath: measure] - excess
        while waiting.total[keyPath: measure] > enough, let other = waiting.removeLast(of: client) {
            other.fail(.queueFull)
        }
        return true
    }

    /// Whether exchanges of others than this client wait for a connection.
    package func keepsWaiting(othersThan client: AnyObject) -> Bool {
        finder.endpoint != nil && waiting.holds(anyBut: ObjectIdentifier(client))
    }
}
