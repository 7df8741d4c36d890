internal import EventLoop

// Who waits for a connection, and who makes room.
extension Upstream {
    /// When the queue is full, the client with the most in it loses its newest exchange, so that no client can take all the
    /// room.
    func makeRoom(for exchange: Exchange) -> Bool {
        makeRoomOfSize(for: exchange)
            && makeRoom(of: \.count, waiting.total.count + 1 - limits.waiting, for: exchange)
    }

    /// Whether a request may be written, which can take as long as waiting. One that is alone always may.
    func hasRoomToWrite(_ exchange: Exchange) -> Bool {
        !exchange.isLarge || waiting.total.size + unwritten.size == 0 || makeRoomOfSize(for: exchange)
    }

    private func makeRoomOfSize(for exchange: Exchange) -> Bool {
        makeRoom(of: \.size, waiting.total.size + unwritten.size + exchange.size - limits.waitingSize, for: exchange)
    }

    private func makeRoom(of measure: KeyPath<WaitingQueue.Share, Int>, _ excess: Int, for exchange: Exchange) -> Bool {
        guard excess > 0 else { return true }
        let most = waiting.client(withMost: measure, excess, besides: exchange, also: unwritten)
        guard let client = most else { return false }
        let enough = waiting.total[keyPath: measure] - excess
        while waiting.total[keyPath: measure] > enough, let other = waiting.removeLast(of: client) {
            other.fail(.queueFull)
        }
        return true
    }

    /// Begins nothing more for a client, which does not read.
    package func holdBack(_ client: AnyObject) {
        waiting.holdBack(ObjectIdentifier(client))
    }

    /// The client has read, or is gone.
    package func goOn(for client: AnyObject) {
        waiting.goOn(for: ObjectIdentifier(client), at: loop.now)
        while !waiting.isEmpty, let connection = idle.last {
            // What is sent again needs a fresh connection, which may have to get the place of another.
            guard let next = waiting.removeNext(where: { !$0.hasBeenRepeated }) else { return connection.close() }
            if !startOnIdle(next) { waiting.insertFirst(next) }
        }
        serveWaiting()
    }

    /// Whether exchanges of others than this client wait for a connection, and came so long ago.
    package func keepsWaiting(othersThan client: AnyObject, for milliseconds: UInt64) -> Bool {
        guard finder.endpoint != nil, loop.now >= milliseconds else { return false }
        return waiting.holds(anyBut: ObjectIdentifier(client), since: loop.now - milliseconds)
    }
}
