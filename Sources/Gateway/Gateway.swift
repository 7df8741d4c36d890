import Calls
package import EventLoop
package import Logging
package import PiecesOS
import TTRPC
import Transcoding

/// The daemon without its command line: clients on one side, Pieces OS on the other.
package final class Gateway {
    /// A bound Unix socket, and who may do what over it.
    package struct Door {
        package var descriptor: Int32
        /// Where it is bound, for people.
        package var path: String
        package var policy: AccessPolicy

        package init(descriptor: Int32, path: String, policy: AccessPolicy) {
            self.descriptor = descriptor
            self.path = path
            self.policy = policy
        }
    }

    let upstream: Upstream
    let answers = Answers()
    let requestDecoder: RequestDecoder
    let limits: Limits
    /// Answers that clients have not read.
    let unread = QueuedBytes()
    /// Where the headers of a request are gathered before its call takes them over.
    var forwardedHeaders = ForwardedHeaders()

    private let loop: Loop
    let logger: Logger
    /// Whether each call gets an entry of its own, which is not looked up for each.
    let logsCalls: Bool
    private var listeners: [(listener: UnixListener, door: Door)] = []
    private var drainTimer: Timer?
    /// Milliseconds from one look at the connections to the next while the gateway drains.
    private static let drainInterval: UInt64 = 5
    /// When calls in flight are given up.
    private var drainEnd: UInt64 = 0
    private let slowClients: SlowClients
    private var admission: Admission
    private var refusals = RefusalRecord()
    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    private var unfinishedByteCount = 0
    private var callCount = 0
    /// No client has more calls in flight.
    private var mostCalls = 0
    /// Clients that had so many, or nearly, when all were last looked at.
    private var greediest: [ClientConnection] = []
    /// Calls that have ended and can be used again; each keeps its timer.
    private var spareCalls: [Call] = []
    private var spareFlights: [SnapshotFlight] = []
    private static let keptSpares = 64
    /// One for each set of forwarded headers that came lately.
    private var snapshotGroups: [SnapshotGroup] = []
    private static let maximumSnapshotGroups = 16
    private var isStopping = false
    /// To be called once, when nothing of the gateway is left.
    private var stopped: (() -> Void)?

    /// - Parameter doors: sockets that the gateway then owns.
    package init(
        loop: Loop,
        doors: [Door],
        upstream: Upstream,
        limits: Limits,
        logger: Logger
    ) throws(LoopError) {
        self.loop = loop
        self.upstream = upstream
        self.limits = limits
        self.logger = logger
        logsCalls = logger.logLevel <= .debug
        requestDecoder = RequestDecoder(memoryBudget: limits.payloadMemory)
        admission = Admission(
            maximum: limits.connections,
            maximumPerUser: limits.connectionsPerUser ?? limits.connections
        )
        slowClients = try SlowClients(loop: loop, limits: limits)
        drainTimer = try Timer(loop: loop) { [unowned self] in closeDrained() }
        for door in doors {
            listeners.append((try UnixListener(loop: loop, adopting: door.descriptor), door))
        }
    }

    /// Milliseconds on the loop's clock.
    var now: UInt64 { loop.now }

    package func start() throws(LoopError) {
        upstream.changed = { [unowned self] in log($0) }
        for (listener, door) in listeners {
            try listener.listen { [self] stream in accepted(stream, at: door) }
        }
    }

    // MARK: - Connections

    private func accepted(_ stream: ByteStream, at door: Door) {
        guard let descriptor = try? stream.descriptor(), let peer = PeerCredentials(of: descriptor) else {
            return stream.close()
        }
        let refusal = admission.enter(
            peer,
            by: door.policy,
            otherGroups: { PeerCredentials.otherGroups(of: descriptor) }
        )
        if let refusal {
            stream.close()
            return report("refused a connection", peer, at: door, refusal.rawValue)
        }
        let connection = ClientConnection(stream, of: peer, through: door, loop: loop, gateway: self)
        connections[ObjectIdentifier(connection)] = connection
        do throws(LoopError) {
            try connection.start()
        } catch {
            connection.close()
        }
    }

    func ended(_ connection: ClientConnection) {
        slowClients.remove(connection)
        connections[ObjectIdentifier(connection)] = nil
        greediest = []
        admission.leave(connection.peer)
        stopIfDrained()
    }

    /// Notes a connection whose client is in the middle of a frame, or does not read.
    func isSlow(_ connection: ClientConnection) {
        slowClients.add(connection)
    }

    /// Keeps what frames that are not whole take of all clients together within its limit, at the cost of who has kept most
    /// waiting for longest: a client that sends a large one has much for a moment only.
    func unfinishedFramesGrew(by count: Int) {
        unfinishedByteCount += count
        guard count > 0 else { return }
        while unfinishedByteCount > limits.unfinishedBytesOfAll,
            let worst = connections.values.max(by: { $0.unfinishedWeight < $1.unfinishedWeight })
        {
            worst.close(because: "frames that clients have begun take too much memory, and it has had most for longest")
        }
    }

    /// Does the same for answers that are left unread, at the cost of who has left most for longest: a client that reads
    /// has much for a moment only. Those of whoever is broken off already do not count.
    func limitUnreadAnswers() {
        guard unread.count > limits.unreadBytesOfAll else { return }
        var excess = connections.values.reduce(0, { $0 + $1.unreadByteCount }) - limits.unreadBytesOfAll
        while excess > 0, let worst = connections.values.max(by: { $0.unreadWeight < $1.unreadWeight }) {
            excess -= worst.unreadByteCount
            worst.breakOff("answers that clients leave unread take too much memory, and it has left most for longest")
        }
    }

    func reportClosing(_ peer: PeerCredentials, at door: Door, _ reason: String) {
        report("closed a connection", peer, at: door, reason)
    }

    /// Writes an entry about a client that is not served, unless there have been enough of them.
    private func report(_ message: Logger.Message, _ peer: PeerCredentials, at door: Door, _ reason: String) {
        let verdict = refusals.add(peer, at: door.path, reason, now: loop.now)
        guard case .log(let unlogged) = verdict else { return }
        var metadata: Logger.Metadata = [
            "socket": "\(door.path)", "uid": "\(peer.user)", "pid": "\(peer.process)", "reason": "\(reason)",
        ]
        if unlogged > 0 { metadata["unlogged"] = "\(unlogged)" }
        logger.warning(message, metadata: metadata)
    }

    // MARK: - Calls

    /// A call for a client. Where all clients together have as many as they may, it takes the place of another.
    func makeCall(for connection: ClientConnection) throws(Status) -> Call {
        guard callCount < limits.callsOfAll || makeRoom(forCallOf: connection) else {
            throw .tooManyCallsOfAll(limit: limits.callsOfAll)
        }
        let call = if let spare = spareCalls.popLast() { spare } else { try newCall() }
        callCount += 1
        mostCalls = max(mostCalls, connection.callCount + 1)
        return call
    }

    private func newCall() throws(Status) -> Call {
        do throws(LoopError) {
            return try Call(gateway: self, loop: loop)
        } catch {
            throw Status(.resourceExhausted, .limitReached, "no timer for the call: \(error)")
        }
    }

    /// Ends the last call of a client that has most of them, give or take an eighth, so that nobody can take the room from
    /// all others. That is how seldom all have to be looked at, however many calls come when there is no room.
    private func makeRoom(forCallOf connection: ClientConnection) -> Bool {
        while mostCalls > connection.callCount + 1 {
            while let greedy = greediest.last {
                if greedy.callCount >= max(mostCalls - mostCalls / 8, connection.callCount + 2) {
                    greedy.giveUpLastCall(.tooManyCallsOfAll(limit: limits.callsOfAll))
                    return true
                }
                greediest.removeLast()
            }
            mostCalls = connections.values.reduce(0) { max($0, $1.callCount) }
            greediest = connections.values.filter { $0.callCount >= mostCalls - mostCalls / 8 }
        }
        return false
    }

    func recycle(_ call: Call) {
        callCount -= 1
        if !isStopping, spareCalls.count < Self.keptSpares {
            spareCalls.append(call)
        } else {
            call.close()
        }
    }

    func makeFlight() -> SnapshotFlight {
        spareFlights.popLast() ?? SnapshotFlight(gateway: self, loop: loop)
    }

    func recycle(_ flight: SnapshotFlight) {
        if !isStopping, spareFlights.count < Self.keptSpares { spareFlights.append(flight) }
    }

    /// The group of the snapshot calls that forward these headers. `nil` if the call must go alone: a trace context
    /// belongs to one call, so that looking for a second with the same is in vain.
    func snapshotGroup(headers: ForwardedHeaders) -> SnapshotGroup? {
        guard !headers.holdsTraceContext, !isStopping else { return nil }
        if let group = snapshotGroups.first(where: { $0.headers == headers }) { return group }
        if snapshotGroups.count == Self.maximumSnapshotGroups {
            guard let unused = snapshotGroups.firstIndex(where: \.isEmpty) else { return nil }
            snapshotGroups.remove(at: unused).close()
        }
        // Without a timer the call can still go alone.
        guard let group = try? SnapshotGroup(headers: headers, gateway: self, loop: loop) else { return nil }
        snapshotGroups.append(group)
        return group
    }

    // MARK: - Stopping

    /// Stops accepting, lets the calls in flight end for a while, and closes everything. `stopped` is called when
    /// nothing of the gateway is left on the loop.
    package func drain(_ stopped: @escaping () -> Void) {
        guard !isStopping else { return }
        isStopping = true
        self.stopped = stopped
        logger.notice("stopping", metadata: ["connections": "\(connections.count)"])
        for (listener, _) in listeners { listener.close() }
        listeners = []
        drainEnd = loop.now + limits.drain
        drainTimer?.start(milliseconds: Self.drainInterval)
        for connection in connections.values { connection.drain() }
        stopIfDrained()
    }

    private func closeDrained() {
        guard loop.now < drainEnd else { return shutDown() }
        drainTimer?.start(milliseconds: Self.drainInterval)
        for connection in connections.values { connection.closeIfDrained(now: loop.now) }
    }

    /// Ends the calls that are still in flight, each with an answer that says so.
    package func shutDown() {
        for connection in connections.values { connection.shutDown() }
    }

    private func stopIfDrained() {
        guard connections.isEmpty, let stopped else { return }
        self.stopped = nil
        drainTimer?.close()
        slowClients.close()
        for call in spareCalls { call.close() }
        spareCalls = []
        for group in snapshotGroups { group.close() }
        snapshotGroups = []
        spareFlights = []
        upstream.close()
        stopped()
    }
}

@available(*, unavailable) extension Gateway: Sendable {}
