import CLibUV

/// Calls its handler each time the process gets one kind of signal. Belongs to the thread of its loop.
package final class Signal {
    private var handle: UnsafeMutablePointer<uv_signal_t>?
    private var handler: (() -> Void)?

    /// - Parameter number: such as `SIGTERM`.
    package init(loop: Loop, number: Int32, handler: @escaping () -> Void) throws(LoopError) {
        let handle = UnsafeMutablePointer<uv_signal_t>.allocate(capacity: 1)
        do {
            try LoopError.check(uv_signal_init(loop.handle, handle))
        } catch {
            handle.deallocate()
            throw error
        }
        self.handle = handle
        self.handler = handler
        Handle.own(handle, by: self)
        let started = uv_signal_start(
            handle,
            { signal, _ in Handle.owner(of: signal!, as: Signal.self).fire() },
            number
        )
        guard started >= 0 else {
            close()
            throw LoopError(rawValue: started)
        }
    }

    private func fire() {
        handler?()
    }

    package func close() {
        guard let handle else { return }
        self.handle = nil
        handler = nil
        Handle.close(handle)
    }

    deinit {
        assert(handle == nil, "a signal watcher was dropped before it was closed")
    }
}
