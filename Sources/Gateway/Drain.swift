import EventLoop

/// The end of the gateway: clients go as they have nothing left, and all of them when the time is up.
final class Drain {
    /// Milliseconds from one look at the clients to the next.
    private static let interval: UInt64 = 5

    private let loop: Loop
    private let clients: Clients
    private let time: UInt64
    private var timer: Timer?
    /// When calls in flight are given up.
    private var end: UInt64 = 0
    private(set) var hasBegun = false

    /// - Parameter time: milliseconds that calls in flight get.
    init(loop: Loop, clients: Clients, time: UInt64) throws(LoopError) {
        self.loop = loop
        self.clients = clients
        self.time = time
        timer = try Timer(loop: loop) { [unowned self] in look() }
    }

    func begin() {
        hasBegun = true
        end = loop.now + time
        timer?.start(milliseconds: Self.interval)
        clients.drain()
    }

    private func look() {
        guard loop.now < end else { return clients.shutDown() }
        timer?.start(milliseconds: Self.interval)
        clients.closeDrained(now: loop.now)
    }

    func close() {
        timer?.close()
    }
}
