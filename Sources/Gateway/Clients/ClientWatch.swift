import EventLoop

/// A client that can be too slow.
protocol WatchedClient: AnyObject {
    /// Deals with the client if it has been too slow, and says whether to look again.
    func isStillSlow(now: UInt64) -> Bool
}

/// The clients that are slow at the moment: in the middle of a frame, or with answers that they have not read. One timer
/// looks after all of them, and runs only while there is one.
final class ClientWatch {
    private let interval: UInt64
    private let loop: Loop
    private var timer: Timer?
    private var clients: [ObjectIdentifier: any WatchedClient] = [:]

    init(loop: Loop, limits: Limits) throws(LoopError) {
        self.loop = loop
        interval = limits.lookInterval
        timer = try Timer(loop: loop) { [unowned self] in look() }
    }

    func add(_ client: any WatchedClient) {
        if clients.isEmpty { timer?.start(milliseconds: interval) }
        clients[ObjectIdentifier(client)] = client
    }

    /// Memory that a client holds is not to wait for the next look when it has gone.
    func remove(_ client: AnyObject) {
        clients[ObjectIdentifier(client)] = nil
    }

    /// Clients close while they are looked at, which must not change the list that is gone through.
    private func look() {
        let slow = clients.values
        clients = [:]
        for client in slow where client.isStillSlow(now: loop.now) { add(client) }
    }

    func close() {
        timer?.close()
        clients = [:]
    }
}
