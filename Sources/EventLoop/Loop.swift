import CLibUV
import Glibc

/// One libuv loop, and what its handles share: the read buffer and the work left for the end of a turn.
///
/// Not Sendable, like every handle on it: libuv's loops and handles belong to the thread that runs them, and so does
/// everything that their callbacks reach.
package final class Loop {
    let handle: UnsafeMutablePointer<uv_loop_t>

    /// What one read brings at most.
    package static let readSize = 128 * 1024
    /// Bytes that can be read behind whatever was received, for parsers that look ahead in whole vectors.
    package static let readPadding = 64

    /// Lent to whoever reads, for the length of one callback.
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Loop.readSize + Loop.readPadding, alignment: 64)

    private let turnEnd: UnsafeMutablePointer<uv_check_t>
    private let turnStart: UnsafeMutablePointer<uv_prepare_t>
    /// Active while there is work for the next turn, so that the loop does not sleep over it.
    private let wakefulness: UnsafeMutablePointer<uv_idle_t>
    private var tasks: [any EndOfTurnTask] = []
    private var runningTasks: [any EndOfTurnTask] = []
    private var isClosed = false

    package init() throws(LoopError) {
        handle = .allocate(capacity: 1)
        turnEnd = .allocate(capacity: 1)
        turnStart = .allocate(capacity: 1)
        wakefulness = .allocate(capacity: 1)
        do {
            try LoopError.check(uv_loop_init(handle))
        } catch {
            handle.deallocate()
            turnEnd.deallocate()
            turnStart.deallocate()
            wakefulness.deallocate()
            readBuffer.deallocate()
            isClosed = true
            throw error
        }
        uv_loop_set_data(handle, Unmanaged.passUnretained(self).toOpaque())

        // The check handle runs after the callbacks of polling; the prepare handle catches what timers left, before
        // the loop goes to sleep. Neither keeps the loop alive. Their calls cannot fail with a callback given.
        uv_check_init(handle, turnEnd)
        uv_check_start(turnEnd) { Loop.of($0!.pointee.loop).runTasks() }
        uv_unref(UnsafeMutableRawPointer(turnEnd).assumingMemoryBound(to: uv_handle_t.self))
        uv_prepare_init(handle, turnStart)
        uv_prepare_start(turnStart) { Loop.of($0!.pointee.loop).runTasks() }
        uv_unref(UnsafeMutableRawPointer(turnStart).assumingMemoryBound(to: uv_handle_t.self))
        uv_idle_init(handle, wakefulness)
        uv_unref(UnsafeMutableRawPointer(wakefulness).assumingMemoryBound(to: uv_handle_t.self))
    }

    /// Runs until `stop()`, or until no handle is open.
    package func run() {
        precondition(!isClosed, "a closed loop cannot run")
        uv_run(handle, UV_RUN_DEFAULT)
    }

    /// Polls once: waits for events when there are none yet, and handles those that came.
    package func runOnce() {
        precondition(!isClosed, "a closed loop cannot run")
        uv_run(handle, UV_RUN_ONCE)
    }

    /// Makes `run()` return at the end of this turn.
    package func stop() {
        uv_stop(handle)
    }

    /// Milliseconds on a clock that never goes back, taken when the turn began.
    package var now: UInt64 { uv_now(handle) }

    /// Has the task run once when the callbacks of this turn are through. A task asks again for every turn that it
    /// wants to run in.
    package func runAtEndOfTurn(_ task: any EndOfTurnTask) {
        tasks.append(task)
    }

    private func runTasks() {
        guard !tasks.isEmpty else { return }
        swap(&tasks, &runningTasks)
        for task in runningTasks { task.endOfTurn() }
        runningTasks.removeAll(keepingCapacity: true)
        // What tasks have asked for is for the next turn, which may be a poll away.
        if tasks.isEmpty { uv_idle_stop(wakefulness) } else { uv_idle_start(wakefulness) { _ in } }
    }

    /// Frees the loop. Throws `EBUSY`, and leaves it as it is, when a handle on it is still open.
    package func close() throws(LoopError) {
        guard !isClosed else { return }
        if !isClosing(turnEnd) {
            uv_close(UnsafeMutableRawPointer(turnEnd).assumingMemoryBound(to: uv_handle_t.self), nil)
            uv_close(UnsafeMutableRawPointer(turnStart).assumingMemoryBound(to: uv_handle_t.self), nil)
            uv_close(UnsafeMutableRawPointer(wakefulness).assumingMemoryBound(to: uv_handle_t.self), nil)
        }
        uv_run(handle, UV_RUN_NOWAIT)
        try LoopError.check(uv_loop_close(handle))
        isClosed = true
        handle.deallocate()
        turnEnd.deallocate()
        turnStart.deallocate()
        wakefulness.deallocate()
        readBuffer.deallocate()
    }

    private func isClosing(_ check: UnsafeMutablePointer<uv_check_t>) -> Bool {
        uv_is_closing(UnsafeMutableRawPointer(check).assumingMemoryBound(to: uv_handle_t.self)) != 0
    }

    deinit {
        assert(isClosed, "a loop was dropped before it was closed")
    }

    static func of(_ handle: UnsafeMutablePointer<uv_loop_t>) -> Loop {
        Unmanaged<Loop>.fromOpaque(uv_loop_get_data(handle)).takeUnretainedValue()
    }
}

/// Something that gathers work during a turn of the loop and does it once at its end.
package protocol EndOfTurnTask: AnyObject {
    func endOfTurn()
}
