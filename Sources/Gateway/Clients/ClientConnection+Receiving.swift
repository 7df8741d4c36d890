import Calls

/// What arrives.
extension ClientConnection {
    /// Bytes have come from the client.
    func received(_ bytes: UnsafeRawBufferPointer) {
        grace?.extend(now: clock.now)
        var isNewFrame = !session.isMidFrame
        if takeEvents(bytes) { isNewFrame = true }
        guard !transport.isClosed else { return }
        if session.hasStreams || !session.outgoing.isEmpty { flushAtEndOfTurn() }
        if session.isMidFrame {
            isNewFrame ? outbox.pace.beginFrame(now: clock.now) : outbox.pace.continueFrame(now: clock.now)
            watch()
        }
        countUnfinished(session.unfinishedByteCount)
    }

    /// Handles what comes of bytes, and says whether anything has.
    @discardableResult
    func takeEvents(_ bytes: UnsafeRawBufferPointer) -> Bool {
        session.setTime(clock.now * 1_000_000)
        var unread = bytes
        var hasCome = false
        while isOpen, let event = session.next(&unread) {
            hasCome = true
            handle(event)
        }
        return hasCome
    }

    private func handle(_ event: ClientSession.Event) {
        switch event {
        case .foreign: close()
        case .over: isOver = true
        case .cancelled(let key): calls[key]?.abandon()
        case .drained(let key): calls[key].map { if $0.isPaused { $0.resume() } }
        case .http(let event): door?.answer(event, for: self) ?? close()
        case .refused(let key, let reason):
            dispatcher.refused(reason)
            calls[key]?.abandon()
        case .call(let request):
            do throws(Status) {
                try dispatcher.dispatch(request, for: self)
            } catch {
                session.fail(request.key, error)
            }
        }
    }

    func countUnfinished(_ count: Int) {
        guard count != unfinishedByteCount else { return }
        let growth = count - unfinishedByteCount
        unfinishedByteCount = count
        host.unfinishedChanged(by: growth)
    }
}
