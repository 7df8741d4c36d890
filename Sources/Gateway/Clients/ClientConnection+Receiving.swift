import Bytes
import Calls
import EventLoop

/// What arrives.
extension ClientConnection {
    /// What a call that is refused counts for besides, because the details of an error take time to write, and so do the frames
    /// of which nothing has come, because they were several or a long head.
    private static let costOfNothing = 3

    /// Bytes have come from the client.
    func received(_ bytes: UnsafeRawBufferPointer) {
        grace?.extend(now: clock.now)
        var unread = bytes
        if !backlog.isWaiting { take(&unread) }
        if backlog.isWaiting {
            transport.pauseReading()
            backlog.append(unread)
        }
        countUnfinished()
    }

    private func take(_ unread: inout UnsafeRawBufferPointer) {
        var isNewFrame = !session.isMidFrame
        if takeEvents(&unread) { isNewFrame = true }
        if backlog.isWaiting { session.keepArrived() }
        guard !transport.isClosed else { return }
        if !session.isAtRest || waitingMemory > 0 { flushAtEndOfTurn() }
        if session.isMidFrame {
            isNewFrame ? outbox.pace.beginFrame(now: clock.now) : outbox.pace.continueFrame(now: clock.now)
            watch()
        }
    }

    /// Handles what comes of bytes, as far as it fits into this turn, and says whether anything has come.
    @discardableResult
    func takeEvents(_ unread: inout UnsafeRawBufferPointer) -> Bool {
        var hasCome = false
        while isOpen, !backlog.isWaiting {
            guard unread.isEmpty || isLast || share.takeSmall() else {
                backlog.wait()
                loop.budget.postpone(self)
                break
            }
            guard let event = session.next(&unread) else { break }
            if case .nothing = event {
                chargeForNothing()
                continue
            }
            hasCome = true
            handle(event)
        }
        return hasCome
    }

    private func handle(_ event: consuming ClientSession.Event) {
        switch consume event {
        case .nothing: break
        case .large(let count): takeLarge(count)
        case .foreign: close()
        case .over: overSince = overSince ?? clock.now
        // What is none of its calls is one that the session has refused without a status.
        case .cancelled(let key): calls[key].map(cancelled) ?? chargeForNothing()
        case .drained(let key): calls[key].map { if $0.isPaused { $0.resume() } }
        case .message(let key, let message): calls[key]?.received(request: message)
        case .endOfRequest(let key): calls[key]?.endOfRequest()
        case .page(let page): answer(page)
        case .http(let event): door?.answer(event, for: self) ?? close()
        case .refused(let key, let reason):
            dispatcher.refused(reason)
            calls[key]?.abandon()
            if session.hasStreams { chargeForNothing() }
        case .call(let request):
            do throws(Status) {
                try dispatcher.dispatch(request, for: self)
            } catch {
                session.fail(request.key, error)
                chargeForNothing()
            }
        }
    }

    private func cancelled(_ call: Call) {
        let isWaste = call.requestSent && !call.isNearDeadline
        call.abandon()
        if isWaste { session.chargeForWaste() }
    }

    private func chargeForNothing() {
        _ = share.takeSmall(Self.costOfNothing)
    }

    private func takeLarge(_ count: Int) {
        if isLast || mayTakeLarge(count) { session.goOnWithLarge() } else { backlog.wait(due: count) }
    }

    private func mayTakeLarge(_ count: Int) -> Bool {
        guard count < TurnBudget.largeSize else { return loop.budget.takeLarge(self, of: self) }
        guard !share.takeSmall(count / Backlog.bytesOfOne) else { return true }
        loop.budget.postpone(self)
        return false
    }

    private func countUnfinished() {
        guard !transport.isClosed else { return }
        countUnfinished(session.unfinishedByteCount + backlog.byteCount)
    }

    func countUnfinished(_ count: Int) {
        guard count != unfinishedByteCount else { return }
        let growth = count - unfinishedByteCount
        unfinishedByteCount = count
        host.unfinishedChanged(by: growth)
        askForRoom()
    }

    /// Goes on reading, if nothing speaks against it.
    func resumeReading() {
        // Fails only on a closed stream, which has nothing to read.
        if !isHeldUp, !isBlocked { try? transport.resumeReading() }
    }
}

extension ClientConnection: PostponedTask {
    package func goOn() {
        guard !transport.isClosed else { return }
        if let due = backlog.due {
            if due < TurnBudget.largeSize { _ = share.takeSmall(due / Backlog.bytesOfOne) }
            session.goOnWithLarge()
        }
        let left = backlog.goOn().withUnsafeBytes { bytes in
            var unread = bytes
            take(&unread)
            return backlog.isWaiting ? unread.count : 0
        }
        guard !transport.isClosed else { return }
        backlog.keep(last: left)
        resumeReading()
        countUnfinished()
    }
}
