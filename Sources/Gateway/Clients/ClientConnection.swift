import Calls
import EventLoop
import PiecesOS
import TTRPC
import Transcoding

/// One client: its frames come in, its calls go out and their answers back.
final class ClientConnection {
    /// A client that leaves so many bytes of its answers unread is asked for no more requests, and streams to it wait.
    private static let highWater = 256 * 1024
    /// Bytes that are read of a client in one turn: thousands of the shortest frames.
    private static let readSize = 16 * 1024
    /// From this size on a payload is sent from where it is. Smaller ones are cheaper copied behind the other answers of
    /// the turn, because every write wakes the client.
    private static let largePayload = 256 * 1024
    /// Frames of so many bytes leave before the turn ends.
    private static let largeBatch = 4 * 1024 * 1024
    /// Milliseconds that streams to a client that is behind with reading may keep connections to Pieces OS from others.
    private static let pauseTime: UInt64 = 1_000
    /// Answers of up to this size leave their memory for the next ones.
    private static let keptCapacity = 256 * 1024

    let peer: PeerCredentials
    private let door: Gateway.Door
    private let gateway: Gateway
    private let loop: Loop
    private let stream: ByteStream
    private var decoder: FrameDecoder
    private var state: ConnectionState
    private var calls = CallsInFlight()
    /// Frames that leave at the end of this turn of the loop, in one write.
    private var outgoing: [UInt8] = []
    private var flushing: Deferred
    /// No requests are read, because the client does not read its answers.
    private var isBlocked = false
    /// Writing has failed; the connection closes at the end of this turn.
    private var isBroken = false
    private var hasPausedCalls = false
    /// Set when the gateway is to stop.
    private var grace: Grace?

    private var pace = ClientPace()
    /// Bytes that have arrived of a frame that is not whole.
    private(set) var unfinishedByteCount = 0

    init(_ stream: ByteStream, of peer: PeerCredentials, through door: Gateway.Door, loop: Loop, gateway: Gateway) {
        self.stream = stream
        stream.queuedTogether = gateway.unread
        stream.readSize = Self.readSize
        self.peer = peer
        self.door = door
        decoder = FrameDecoder(maximumLength: gateway.limits.request)
        state = ConnectionState(maximumLength: gateway.limits.request)
        self.loop = loop
        flushing = Deferred(on: loop)
        self.gateway = gateway
    }

    func start() throws(LoopError) {
        try stream.startReading(
            .init(
                received: { [self] in received($0) },
                ended: { [self] _ in close() },
                drained: { [self] in drained() }
            )
        )
    }

    // MARK: - Frames in

    private func received(_ bytes: UnsafeRawBufferPointer) {
        grace?.extend(now: loop.now)
        var unread = bytes
        var isNewFrame = !decoder.isMidFrame
        while !stream.isClosed, !isBroken, let event = decoder.next(&unread) {
            isNewFrame = true
            switch event {
            case .notTTRPC: close()
            case .oversize(let header): handle(header, data: nil)
            case .frame(let header, let data): handle(header, data: data)
            }
        }
        guard !stream.isClosed else { return }
        if decoder.isMidFrame {
            if isNewFrame { pace.beginFrame(now: loop.now) } else { pace.continueFrame(now: loop.now) }
            watch()
        }
        countUnfinished(decoder.unfinishedByteCount)
    }

    private func countUnfinished(_ count: Int) {
        guard count != unfinishedByteCount else { return }
        let growth = count - unfinishedByteCount
        unfinishedByteCount = count
        gateway.unfinishedFramesGrew(by: growth)
    }

    /// The same bytes, weighed by how long nothing has come.
    var unfinishedWeight: Double { pace.weight(unfinished: unfinishedByteCount, now: loop.now) }

    private func handle(_ header: FrameHeader, data: UnsafeRawBufferPointer?) {
        switch state.receive(header) {
        case .ignore: break
        case .refuse(let status):
            calls.call(streamID: header.streamID)?.abandon()
            send(status, streamID: header.streamID)
        case .dispatch:
            guard let data else { preconditionFailure("a frame without its data is never dispatched") }
            do throws(Status) {
                try dispatch(data, streamID: header.streamID)
            } catch {
                send(error, streamID: header.streamID)
            }
        }
    }

    private func dispatch(_ data: UnsafeRawBufferPointer, streamID: UInt32) throws(Status) {
        let envelope: RequestEnvelope
        do {
            envelope = try RequestEnvelope(decoding: data)
        } catch {
            throw Status(error)
        }
        guard let rpc = RPC.named(service: envelope.service, method: envelope.method) else {
            throw .unknown(service: envelope.service, method: envelope.method)
        }
        do throws(Status) {
            guard door.policy.calls.contains(rpc) else { throw .policyDenied(rpc) }
            if rpc == .cancel {
                try cancel(envelope.payload, streamID: streamID)
            } else {
                try call(rpc, envelope, streamID: streamID)
            }
        } catch {
            var status = error
            status.operation = rpc.method.description
            gateway.log(rpc, status.code, since: gateway.now, of: peer)
            throw status
        }
    }

    private func cancel(_ payload: UnsafeRawBufferPointer, streamID: UInt32) throws(Status) {
        do throws(RequestError) {
            let cancelled = try gateway.requestDecoder.withMessage(payload, as: .cancelRequest) {
                $0.uint32("stream_id")
            }
            if let cancelled { calls.call(streamID: cancelled)?.cancel() }
        } catch {
            throw Status(error)
        }
        gateway.log(.cancel, .ok, since: gateway.now, of: peer)
        send(payload: UnsafeRawBufferPointer(start: nil, count: 0), streamID: streamID)
    }

    private func call(_ rpc: RPC, _ envelope: RequestEnvelope, streamID: UInt32) throws(Status) {
        guard grace == nil else { throw .shuttingDown }
        guard calls.count < gateway.limits.calls else { throw .tooManyCalls(limit: gateway.limits.calls) }
        let request = try rpc.request(envelope.payload, gateway.requestDecoder)
        try gateway.forwardedHeaders.read(envelope.metadata)
        guard envelope.timeoutNano >= 0 else { throw .deadlineExceeded }
        let call = try gateway.makeCall(for: self)
        calls.insert(call, streamID: streamID)
        call.start(
            rpc,
            request,
            forwarding: gateway.forwardedHeaders,
            on: self,
            streamID: streamID,
            nanoseconds: envelope.timeoutNano == 0
                ? gateway.limits.deadline * 1_000_000 : UInt64(envelope.timeoutNano)
        )
    }

    var callCount: Int { calls.count }

    func giveUpLastCall(_ status: Status) {
        calls.last?.giveUp(status)
    }

    /// Called by a call when it has ended, its answer being among what goes out.
    func ended(_ call: Call) {
        calls.remove(streamID: call.streamID)
        renewGrace()
    }

    // MARK: - Frames out

    func send(payload: UnsafeRawBufferPointer, streamID: UInt32) {
        if payload.count < Self.largePayload {
            ResponseEncoder.appendResponse(payload, streamID: streamID, to: &outgoing)
            flushAtEndOfTurn()
        } else {
            ResponseEncoder.appendResponseHead(payload: payload.count, streamID: streamID, to: &outgoing)
            flush(with: payload)
        }
    }

    func send(_ status: Status, streamID: UInt32) {
        ResponseEncoder.appendStatus(status, streamID: streamID, to: &outgoing)
        flushAtEndOfTurn()
    }

    /// Sends a message of a stream, and has the stream wait when the client reads too slowly for it.
    func send(message: UnsafeRawBufferPointer, of call: Call) {
        if message.count < Self.largePayload {
            ResponseEncoder.appendData(message, streamID: call.streamID, to: &outgoing)
            flushAtEndOfTurn()
        } else {
            ResponseEncoder.appendDataHead(payload: message.count, streamID: call.streamID, to: &outgoing)
            flush(with: message)
        }
        if stream.queuedByteCount + outgoing.count > Self.highWater {
            call.pause()
            hasPausedCalls = true
        }
    }

    func sendEndOfStream(streamID: UInt32) {
        ResponseEncoder.appendEndOfStream(streamID: streamID, to: &outgoing)
        flushAtEndOfTurn()
    }

    /// Sends what is to go out and a payload behind it, now: the payload is only lent.
    private func flush(with payload: UnsafeRawBufferPointer) {
        write(payload)
        flushAtEndOfTurn()
    }

    /// Whoever answers a call is in the middle of something, so that closing has to wait.
    private func write(_ payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)) {
        defer { outgoing.removeAll(keepingCapacity: outgoing.capacity <= Self.keptCapacity) }
        guard !stream.isClosed, !isBroken else { return }
        pace.handOver(outgoing.count + payload.count, behind: stream.queuedByteCount, now: loop.now)
        do throws(LoopError) {
            try stream.write(outgoing, payload, queueLimit: queueLimit)
            gateway.limitUnreadAnswers()
        } catch {
            if error == .noBufferSpace { breakOff("more answers than it may leave unread") } else { isBroken = true }
        }
    }

    /// What the client may leave unread, which is also what may be over the limit of all clients together until those
    /// who are broken off have closed.
    private var queueLimit: Int {
        let left = gateway.limits.unreadBytesOfAll - gateway.unread.count
        return min(gateway.limits.unreadBytes, stream.queuedByteCount + max(0, gateway.limits.unreadBytes + left))
    }

    /// Bytes of memory that answers take which the client has not read and which its socket has no room for.
    var unreadByteCount: Int { isBroken ? 0 : stream.heldByteCount }

    /// The same, weighed by how long there have been any.
    var unreadWeight: Double { pace.weight(held: unreadByteCount, now: loop.now) }

    /// Sends nothing more, and closes at the end of this turn.
    func breakOff(_ reason: String) {
        gateway.reportClosing(peer, at: door, reason)
        isBroken = true
        flushAtEndOfTurn()
    }

    /// One answer for thousands of calls comes in one turn: what is much does not wait for its end, so that the limit of
    /// what may be unread holds within the turn too.
    private func flushAtEndOfTurn() {
        if outgoing.count > Self.largeBatch { write() }
        if !stream.isClosed { flushing.ask(self) }
    }

    private func drained() {
        if isBlocked {
            isBlocked = false
            // While nothing was read, the client could not go on with its frame.
            pace.beginFrame(now: loop.now)
            // Fails only on a closed stream, which has nothing to read.
            try? stream.resumeReading()
        }
        resumeCalls()
        renewGrace()
    }

    private func resumeCalls() {
        guard hasPausedCalls else { return }
        hasPausedCalls = false
        for call in calls where call.isPaused { call.resume() }
    }

    // MARK: - Slow clients

    private func watch() {
        guard !pace.isWatched else { return }
        pace.watch(unread: stream.queuedByteCount, now: loop.now)
        gateway.isSlow(self)
    }

    /// Closes the connection if its client has been too slow, and says whether to look again.
    func isStillSlow(now: UInt64) -> Bool {
        guard !stream.isClosed else { return false }
        // While nothing is read, the client cannot go on with its frame.
        if isBlocked { pace.beginFrame(now: now) }
        let unread = stream.queuedByteCount
        if let fault = pace.look(unread: unread, isMidFrame: decoder.isMidFrame, now: now, limits: gateway.limits) {
            close(because: fault.rawValue)
        } else if keepsOthersWaiting(now: now) {
            for call in calls.filter(\.isStream).reversed() { call.giveUp(.streamNotRead) }
        }
        return pace.isWatched
    }

    /// The patience of `readTime` is not for streams that have connections to Pieces OS which others wait for.
    private func keepsOthersWaiting(now: UInt64) -> Bool {
        pace.isBehind(for: Self.pauseTime, now: now) && calls.contains(where: \.isPaused)
            && gateway.upstream.keepsWaiting(othersThan: self)
    }

    // MARK: - Closing

    /// Takes no more calls.
    func drain() {
        grace = Grace(now: loop.now)
    }

    /// Who has got the last answer to its calls may have sent another request before it could know.
    private func renewGrace() {
        if grace != nil, calls.isEmpty { grace = Grace(now: loop.now) }
    }

    /// Closes a connection that takes no more calls, if nothing is left to be done on it.
    func closeIfDrained(now: UInt64) {
        guard let grace, grace.isOver(now: now), isIdle else { return }
        answerLast()
        // What has been answered now may be more than the socket takes at once.
        if isIdle { close() }
    }

    private var isIdle: Bool { calls.isEmpty && outgoing.isEmpty && stream.queuedByteCount == 0 }

    /// Answers what is still in flight with an error, and closes.
    func shutDown() {
        grace = Grace(now: loop.now)
        for call in calls.reversed() { call.shutDown() }
        answerLast()
        close()
    }

    /// Answers what has arrived. Nothing can arrive after that, so that who could send a request gets its answer.
    private func answerLast() {
        stream.stopReceiving()
        endOfTurn()
    }

    /// Closes a connection whose client takes more than it may.
    func close(because reason: String) {
        gateway.reportClosing(peer, at: door, reason)
        close()
    }

    /// Closes at once. Calls in flight are given up, and what has not been written is dropped.
    func close() {
        guard !stream.isClosed else { return }
        stream.close()
        countUnfinished(0)
        outgoing = []
        let abandoned = calls.removeAll()
        // Those that wait come first: they would get the connections of those that are under way.
        for call in abandoned.reversed() { call.abandon() }
        gateway.ended(self)
    }
}

extension ClientConnection: EndOfTurnTask {
    func endOfTurn() {
        guard !stream.isClosed else { return }
        if !outgoing.isEmpty { write() }
        guard !isBroken else { return close() }
        let unread = stream.queuedByteCount
        if unread > 0 { watch() }
        if unread > Self.highWater {
            isBlocked = true
            stream.pauseReading()
        } else {
            resumeCalls()
        }
    }
}

@available(*, unavailable) extension ClientConnection: Sendable {}
