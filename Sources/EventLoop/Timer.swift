import CLibUV

/// Calls its handler once, some time after it was started.
package final class Timer {
    private var handle: Handle<uv_timer_t>
    private var handler: (() -> Void)?

    package init(loop: Loop, handler: @escaping () -> Void) throws(LoopError) {
        handle = try Handle { uv_timer_init(loop.handle, $0) }
        self.handler = handler
        handle.own(by: self)
    }

    /// Starts the timer, or starts it anew, for a time that counts from the beginning of the turn. Zero fires in the next.
    package func start(milliseconds: UInt64) {
        guard let handle = handle.pointer else { return }
        // Fails only without a callback or on a closing handle.
        uv_timer_start(handle, { Handle.withOwner(of: $0!, as: Timer.self) { $0.fire() } }, milliseconds, 0)
    }

    /// Starts the timer, or starts it anew, so that it fires no earlier than so long from now, and less than a millisecond
    /// after that.
    package func start(nanoseconds: UInt64) {
        guard let handle = handle.pointer else { return }
        // libuv counts whole milliseconds, and from the beginning of the turn, which can have been a while ago.
        let (time, isTooLong) = uv_hrtime().addingReportingOverflow(nanoseconds)
        let due = (isTooLong ? .max : time) / 1_000_000 + 1
        start(milliseconds: due - min(due, uv_now(handle.pointee.loop)))
    }

    private func fire() {
        handler?()
    }

    package func stop() {
        guard let handle = handle.pointer else { return }
        uv_timer_stop(handle)
    }

    package func close() {
        handle.close()
        handler = nil
    }
}

@available(*, unavailable) extension Timer: Sendable {}
