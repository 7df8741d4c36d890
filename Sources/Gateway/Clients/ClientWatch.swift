import EventLoop

/// The connections whose clients are slow at the moment: in the middle of a frame, or with answers that they have not
/// read. One timer looks after all of them, and runs only while there is one.
final class SlowClients {
    private let interval: UInt64
    private let loop: Loop
    private var timer: Timer?
    private var connections: [ObjectIdentifier: ClientConnection] = [:]

    init(loop: Loop, limits: Gateway.Limits) throws(LoopError) {
        self.loop = loop
        interval = limits.lookInterval
        timer = try Timer(loop: loop) { [unowned self] in look() }
    }

    func add(_ connection: ClientConnection) {
        if connections.isEmpty { timer?.start(milliseconds: interval) }
        connections[ObjectIdentifier(connection)] = connection
    }

    /// Memory that a connection holds is not to wait for the next look when it has closed.
    func remove(_ connection: ClientConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    /// Connections close while they are looked at, which must not change the list that is gone through.
    private func look() {
        let slow = connections.values
        connections = [:]
        for connection in slow where connection.isStillSlow(now: loop.now) { add(connection) }
    }

    func close() {
        timer?.close()
        connections = [:]
    }
}

@available(*, unavailable) extension SlowClients: Sendable {}
