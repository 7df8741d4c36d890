import Bytes
import Calls
import Contract
import EventLoop

/// One client: what arrives goes to its session, the calls that come of it to the dispatcher, and their answers back.
final class ClientConnection {
    /// A client that leaves so many bytes of its answers unread is asked for no more requests, and streams to it wait.
    static let highWater = 256 * 1024
    /// Bytes that are read of a client in one turn: thousands of the shortest frames.
    private static let readSize = 16 * 1024

    let peer: PeerCredentials
    let socket: ListeningSocket
    private let surroundings: Surroundings
    let transport: any ClientTransport
    let outbox: Outbox
    var session: ClientSession
    private var flushing: Deferred
    /// What has come and is too much for this turn.
    var backlog = Backlog()
    var share: TurnShare
    /// Nothing more is read, and what has come is dealt with at once.
    var isLast = false
    private(set) var calls = CallsInFlight()
    /// Streams that wait until the client has read.
    var hasPausedCalls = false
    /// Answers that do.
    var hasHeldAnswers = false
    /// No requests are read and no calls begun, because the client does not read its answers.
    var isBlocked = false
    /// Since when the session has had nothing more to say than what is going out.
    var overSince: UInt64?
    /// Set when the gateway is to stop.
    var grace: Grace?
    var unfinishedByteCount = 0
    var frameRoom = FrameRoom.State.unneeded
    /// Runs while the session waits for something that HTTP/2 limits the time of.
    var timer: EventLoop.Timer?
    /// Memory of what waits for the windows of streams, as it was last counted, and since when there has been any.
    var waitingMemory = 0
    var waitingSince: UInt64 = 0

    init(
        _ transport: any ClientTransport,
        of peer: PeerCredentials,
        at socket: ListeningSocket,
        in surroundings: Surroundings
    ) {
        self.transport = transport
        self.peer = peer
        self.socket = socket
        self.surroundings = surroundings
        outbox = Outbox(
            transport,
            host: surroundings.host,
            clock: surroundings.clock,
            limits: surroundings.limits
        )
        session = ClientSession(isDoor: socket.isDoor, surroundings.sessions)
        share = TurnShare(of: surroundings.loop.budget)
        flushing = Deferred(on: surroundings.loop)
    }

    var host: any ClientHost { surroundings.host }
    var dispatcher: any CallDispatcher { surroundings.dispatcher }
    var door: HTTPDoor? { surroundings.door }
    var limits: Limits { surroundings.limits }
    var loop: Loop { surroundings.loop }
    var clock: any TurnClock { surroundings.clock }

    /// Begins to read from its stream, which is what it writes to as well.
    func start(_ stream: ByteStream) throws(LoopError) {
        stream.queuedTogether = host.unread
        stream.readSize = Self.readSize
        do throws(LoopError) {
            try stream.startReading(
                .init(
                    received: { [self] in received($0) },
                    ended: { [self] _ in ended() },
                    drained: { [self] in drained() }
                )
            )
        } catch {
            close()
            throw error
        }
    }

    // MARK: - What goes out

    /// What leaves goes out in one write a turn, because every write wakes the client.
    func flushAtEndOfTurn() {
        guard !transport.isClosed else { return }
        flushing.ask(self)
    }

    /// Sends what is to go out and a payload behind it. A call that is answered is in the middle of its work, so
    /// that closing has to wait.
    func flush(_ payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) {
        var outgoing = session.takeOutgoing()
        if outbox.send(outgoing, payload) == .unread { host.report(peer, at: socket, Self.unreadReport) }
        outgoing.removeAll()
        if outbox.queuedByteCount > Self.highWater { block() }
    }

    // MARK: - Closing

    var isOpen: Bool { !transport.isClosed && !outbox.isBroken }
    var isIdle: Bool {
        calls.isEmpty && session.outgoing.isEmpty && outbox.queuedByteCount == 0 && !backlog.isWaiting
    }

    /// A client that has got its last answer may have sent another request before it could know.
    func renewGrace() {
        if grace != nil, calls.isEmpty { grace = Grace(now: clock.now) }
    }

    /// Closes at once. Calls in flight are given up, and what has not been written is dropped.
    func close() {
        guard !transport.isClosed else { return }
        transport.close()
        timer?.close()
        timer = nil
        if backlog.isWaiting { loop.budget.forget(self, of: self) }
        backlog = Backlog()
        countUnfinished(0)
        session.outgoing.removeAll()
        session.forgetAnswers()
        // Those that wait come first: they would get the connections of those that are under way.
        for call in calls.removeAll().reversed() { call.abandon() }
        if isBlocked { dispatcher.goOn(for: self) }
        host.closed(self, peer, at: socket)
    }
}

extension ClientConnection: EndOfTurnTask {
    package func endOfTurn() {
        guard !transport.isClosed else { return }
        if !session.outgoing.isEmpty { flush() }
        flushStreams()
        guard !outbox.isBroken else { return close() }
        if overSince != nil, grace == nil, session.outgoing.isEmpty, outbox.queuedByteCount == 0 { return close() }
        closeIfAnswered()
        guard !transport.isClosed else { return }
        if outbox.queuedByteCount > 0 { watch() }
        if outbox.queuedByteCount <= Self.highWater { resumeCalls() }
    }
}

// MARK: - Calls

extension ClientConnection: CallingClient {
    var allowedMethods: MethodSet { socket.policy.methods }
    /// A session with streams tells its client itself, and serves what comes until that has been heard.
    var isDraining: Bool { grace != nil && !session.hasStreams }
    var cancelsByFrame: Bool { session.hasStreams }
    var callCount: Int { calls.count }

    func begin(_ call: Call, _ key: CallKey) {
        calls.insert(call, key)
    }

    func cancel(_ key: CallKey) {
        calls[key]?.cancel()
    }

    func remove(_ call: Call) {
        calls.remove(call.key)
        renewGrace()
    }
}
