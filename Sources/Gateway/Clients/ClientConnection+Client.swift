import Bytes
import Calls
import EventLoop
import TTRPC

extension ClientConnection: Client {
    /// Milliseconds that a client has for closing the connection when it has been told which call was the last. One that is
    /// sending another before it has read that would not know what became of it, if it could not send it.
    private static let lingerTime: UInt64 = 1_000

    var unfinishedWeight: Double {
        unfinishedByteCount == 0 ? 0 : outbox.pace.weight(unfinished: unfinishedByteCount, now: clock.now)
    }
    var unreadWeight: Double {
        outbox.isBroken ? 0 : outbox.unreadWeight + Double(waitingMemory) * Double(clock.now - waitingSince + 1)
    }

    func failNewestCall(_ status: Status) {
        calls.last?.giveUp(status)
    }

    func breakOff(_ reason: String) -> Int {
        host.report(peer, at: socket, reason)
        let before = host.unread.staying
        outbox.breakOff()
        session.forgetAnswers()
        for call in calls { call.heldAnswer?.release() }
        flushAtEndOfTurn()
        return before - host.unread.staying
    }

    func close(because reason: String) {
        host.report(peer, at: socket, reason)
        close()
    }

    func drain() {
        grace = Grace(now: clock.now)
        session.startDraining()
        if session.hasStreams { flushAtEndOfTurn() }
    }

    func closeIfDrained(now: UInt64) {
        if let overSince, now - overSince >= Self.lingerTime, isIdle { close() }
        guard !session.hasStreams, let grace, grace.isOver(now: now), isIdle else { return }
        answerLast()
        // What has been answered now may be more than the socket takes at once.
        if isIdle { close() }
    }

    func shutDown() {
        grace = Grace(now: clock.now)
        for call in calls.reversed() { call.shutDown() }
        answerLast()
        close()
    }
}

extension ClientConnection {
    /// Answers what has arrived. Nothing can arrive after that, so that a client that could send a request gets its answer.
    private func answerLast() {
        isLast = true
        if backlog.isWaiting {
            loop.budget.forget(self, of: self)
            goOn()
        }
        if frameRoom == .awaited { goOnSending() }
        transport.stopReceiving()
        endOfTurn()
    }
}

extension ClientConnection: WatchedClient {
    /// Milliseconds that streams to a client that is behind with reading may keep connections to Pieces OS from others.
    private static let pauseTime: UInt64 = 1_000

    func watch() {
        guard !outbox.pace.isWatched else { return }
        outbox.pace.watch(unread: outbox.queuedByteCount, now: clock.now)
        host.watch(self)
    }

    func isStillSlow(now: UInt64) -> Bool {
        guard !transport.isClosed else { return false }
        // While nothing is read, the client cannot go on with its frame.
        if isBlocked || isHeldUp { outbox.pace.beginFrame(now: now) }
        let unread = outbox.queuedByteCount
        if let fault = outbox.pace.look(unread: unread, isMidFrame: session.isMidFrame, now: now, limits: limits) {
            close(because: fault.rawValue)
        } else if keepsOthersWaiting(now: now) {
            for call in calls.filter(\.isStream).reversed() { call.giveUp(.streamNotRead) }
        }
        return outbox.pace.isWatched
    }

    /// The patience of `readTime` is not for streams that have connections to Pieces OS which others wait for.
    private func keepsOthersWaiting(now: UInt64) -> Bool {
        outbox.pace.isBehind(for: Self.pauseTime, now: now) && calls.contains(where: \.isPaused)
            && dispatcher.keepsWaiting(othersThan: self, for: 0)
    }
}
