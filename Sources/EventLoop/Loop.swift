import CLibUV
import Glibc

/// One libuv loop, and what its handles share: the read buffer and the work left for the end of a turn.
///
/// libuv's loops and handles belong to the thread that runs them, and so does everything that their callbacks reach. No
/// such class is Sendable.
package final class Loop {
    let handle: UnsafeMutablePointer<uv_loop_t>

    /// What one read brings at most.
    package static let readSize = 128 * 1024
    /// Bytes that can be read behind whatever was received, for parsers that look ahead in whole vectors.
    package static let readPadding = 64

    /// Lent to whoever reads, for the length of one callback.
    let readBuffer: UnsafeMutableRawBufferPointer
    let turnEnd: TurnEnd
    private var isClosed = false

    package init() throws(LoopError) {
        handle = .allocate(capacity: 1)
        do throws(LoopError) {
            try LoopError.check(uv_loop_init(handle))
        } catch {
            handle.deallocate()
            throw error
        }
        handle.belongToThisThread()
        readBuffer = .allocate(byteCount: Loop.readSize + Loop.readPadding, alignment: 64)
        turnEnd = try TurnEnd(of: handle)
    }

    /// Runs until `stop()`, or until no handle is open.
    package func run() {
        assertIsOnItsThread()
        precondition(!isClosed, "a closed loop cannot run")
        uv_run(handle, UV_RUN_DEFAULT)
    }

    /// Polls once: waits for events when there are none yet, and handles those that came.
    package func runOnce() {
        assertIsOnItsThread()
        precondition(!isClosed, "a closed loop cannot run")
        uv_run(handle, UV_RUN_ONCE)
    }

    /// Makes `run()` return at the end of this turn.
    package func stop() {
        assertIsOnItsThread()
        uv_stop(handle)
    }

    /// The number of this turn.
    package var turn: UInt64 { budget.turn }

    /// What is done in a turn for all who use the loop.
    package var budget: TurnBudget { turnEnd.budget }

    /// Milliseconds on a clock that never goes back, taken when the turn began.
    package var now: UInt64 { uv_now(handle) }

    /// Nanoseconds on the same clock. Taken once a turn, when it is first asked for: reading a clock for each of many calls
    /// costs.
    package var turnTime: UInt64 { turnEnd.time() }

    /// Frees the loop. Throws `EBUSY`, and leaves it as it is, when a handle on it is still open.
    package func close() throws(LoopError) {
        guard !isClosed else { return }
        assertIsOnItsThread()
        turnEnd.close()
        uv_run(handle, UV_RUN_NOWAIT)
        try LoopError.check(uv_loop_close(handle))
        isClosed = true
        handle.deallocate()
        readBuffer.deallocate()
    }

    private func assertIsOnItsThread() {
        assert(isClosed || handle.isOfThisThread, "a loop is used on another thread than its own")
    }

    deinit {
        assert(isClosed, "a loop was dropped before it was closed")
    }
}

@available(*, unavailable) extension Loop: Sendable {}
