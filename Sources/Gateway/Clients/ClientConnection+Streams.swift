import Bytes
import EventLoop

/// What a session needs whose calls are streams of one connection (HTTP/2): their windows, and their time.
extension ClientConnection {
    /// Sends what waits for its stream's turn, as long as the socket takes it.
    func flushStreams() {
        guard session.hasStreams else { return }
        var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        repeat {
            if !session.outgoing.isEmpty { flush() }
            session.setTime(clock.now * 1_000_000)
            if outbox.queuedByteCount <= Self.highWater { session.goOn() }
            takeEvents(&nothing)
        } while isOpen && !session.outgoing.isEmpty && outbox.queuedByteCount <= Self.highWater
        countWaiting()
        awaitDeadline()
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
        session.setTime(clock.now * 1_000_000)
        session.expire()
        flushAtEndOfTurn()
    }
}
