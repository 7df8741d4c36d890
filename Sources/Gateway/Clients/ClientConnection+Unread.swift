import Bytes
import Calls
import EventLoop

/// A client that does not read is not worked for: once 256 KiB of its answers wait, its calls do, too.
extension ClientConnection {
    static let unreadReport = "more answers than it may leave unread"
    /// While so much waits, answers that others have as well wait outside of the queue. They take no memory there, but a
    /// client may leave only so much in it.
    private static let mostShared = 4 * 1024 * 1024

    func block() {
        guard !isBlocked, isOpen else { return }
        isBlocked = true
        transport.pauseReading()
        dispatcher.holdBack(self)
    }

    /// All that was queued has been read.
    func drained() {
        if isBlocked {
            isBlocked = false
            // While nothing was read, the client could not go on with its frame.
            outbox.pace.beginFrame(now: clock.now)
            resumeReading()
            dispatcher.goOn(for: self)
        }
        resumeCalls()
        renewGrace()
        closeIfAnswered()
        if session.hasStreams { flushAtEndOfTurn() }
    }

    func resumeCalls() {
        sendHeldAnswers()
        guard hasPausedCalls else { return }
        hasPausedCalls = false
        for call in calls where call.isPaused { call.resume() }
    }

    // MARK: - Answers that others have as well

    func holdBack(_ payload: Payload) -> HeldAnswer? {
        // None goes out before those that came before it.
        guard let owner = payload.owner, hasHeldAnswers || !takesShared, !session.hasStreams else { return nil }
        hasHeldAnswers = true
        flushAtEndOfTurn()
        return HeldAnswer(payload, of: owner, countingIn: host.unread)
    }

    private var takesShared: Bool {
        outbox.queuedByteCount + session.outgoing.count <= min(Self.mostShared, limits.unreadBytes / 4)
    }

    private func sendHeldAnswers() {
        while hasHeldAnswers, takesShared, isOpen {
            guard let call = calls.first(where: { $0.heldAnswer != nil }) else {
                hasHeldAnswers = false
                return
            }
            call.goOn()
        }
    }

    // MARK: - What waits for windows

    /// Counts what waits for the windows of streams among what the client leaves unread.
    func countWaiting() {
        let memory = session.waitingMemory
        let hasGrown = memory > waitingMemory
        if waitingMemory == 0 { waitingSince = clock.now }
        waitingMemory = memory
        guard isOpen else { return }
        if outbox.queuedByteCount + session.waitingByteCount > limits.unreadBytes {
            host.report(peer, at: socket, Self.unreadReport)
            outbox.breakOff()
            flushAtEndOfTurn()
        } else if hasGrown {
            host.unreadGrew()
        }
    }
}
