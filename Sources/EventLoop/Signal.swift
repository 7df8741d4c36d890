import CLibUV

/// Calls its handler each time the process gets one kind of signal.
package final class Signal {
    private var handle: Handle<uv_signal_t>
    private var handler: (() -> Void)?

    /// - Parameter number: such as `SIGTERM`.
    package init(loop: Loop, number: Int32, handler: @escaping () -> Void) throws(LoopError) {
        handle = try Handle { uv_signal_init(loop.handle, $0) }
        self.handler = handler
        try handle.own(by: self) { handle in
            uv_signal_start(
                handle,
                { signal, _ in Handle.withOwner(of: signal!, as: Signal.self) { $0.fire() } },
                number
            )
        }
    }

    private func fire() {
        handler?()
    }

    package func close() {
        handle.close()
        handler = nil
    }
}

@available(*, unavailable) extension Signal: Sendable {}
