import Bytes
import EventLoop

/// What a session needs whose calls are streams of one connection (HTTP/2): their windows, and their time.
extension ClientConnection {
    /// Sends what waits for its stream's turn, as long as the socket takes it.
    func flushStreams() {
        guard session.hasStreams else { return }
        var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        while isOpen, session.hasMore {
            if outbox.queuedByteCount <= Self.highWater { session.goOn() }
            takeEvents(&nothing)
            guard !session.outgoing.isEmpty else { break }
            flush()
            guard outbox.queuedByteCount <= Self.highWater else { break }
        }
        countWaiting()
        awaitDeadline()
    }

    /// A stream waits until its client has read.
    func pause(_ call: Call) {
        call.pause()
        host.watchStreams(self)
    }

    private func awaitDeadline() {
        guard isOpen, let deadline = session.nextDeadline else { return timer?.stop() ?? () }
        if timer == nil {
            // Without a timer, deadlines are met when something else happens on the connection.
            timer = try? EventLoop.Timer(loop: loop) { [unowned self] in deadlineHasPassed() }
        }
        let now = clock.now * 1_000_000
        timer?.start(milliseconds: (deadline - min(deadline, now)) / 1_000_000 + 1)
    }

    private func deadlineHasPassed() {
        session.expire()
        flushAtEndOfTurn()
    }
}

extension ClientConnection: StreamingClient {
    /// Milliseconds that calls of others may wait for connections that slow streams have.
    private static let patienceOfOthers: UInt64 = 700

    func noteWaitingStreams() -> Bool {
        for call in calls where call.isStream { call.recentPauses.note(isPaused: call.isPaused) }
        return calls.contains { !$0.recentPauses.isEmpty }
    }

    var slowStreamCount: Int { calls.count(where: \.recentPauses.areMost) }

    var keepsOthersWaiting: Bool { dispatcher.keepsWaiting(othersThan: self, for: Self.patienceOfOthers) }

    func giveUpSlowStreams() {
        for call in calls.filter(\.recentPauses.areMost).reversed() { call.giveUp(.streamNotRead) }
    }
}
