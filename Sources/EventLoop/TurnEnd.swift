import CLibUV

/// The end of a turn of the loop, with the tasks that are put off to it.
final class TurnEnd {
    private var check: Handle<uv_check_t>
    private var prepare: Handle<uv_prepare_t>
    /// Active while there is work for the next turn, so that the loop does not sleep over it.
    private var idle: Handle<uv_idle_t>
    private var tasks: [any EndOfTurnTask] = []
    private var runningTasks: [any EndOfTurnTask] = []
    /// Tasks that were ever put off, and those of them that have had their run. Each has the number that it came as.
    private var lastNumber: UInt64 = 0
    private var lastRunNumber: UInt64 = 0
    let budget = TurnBudget()
    private var isKeptAwake = false
    /// Nanoseconds; 0 until it is asked for.
    private var turnTime: UInt64 = 0

    /// The check handle runs after the callbacks of polling; the prepare handle catches what timers left, before the
    /// loop goes to sleep. None of the three keeps the loop alive. Their calls cannot fail with a callback given.
    init(of loop: UnsafeMutablePointer<uv_loop_t>) throws(LoopError) {
        check = try Handle { uv_check_init(loop, $0) }
        prepare = try Handle { uv_prepare_init(loop, $0) }
        idle = try Handle { uv_idle_init(loop, $0) }
        try check.own(by: self) { uv_check_start($0) { Handle.withOwner(of: $0!, as: TurnEnd.self) { $0.end() } } }
        try prepare.own(by: self) {
            uv_prepare_start($0) { Handle.withOwner(of: $0!, as: TurnEnd.self) { $0.run() } }
        }
        idle.own(by: self)
        check.unref()
        prepare.unref()
        idle.unref()
    }

    /// Has the task run once, after those that were put off before it. The number is for `hasRun`.
    @discardableResult
    func putOff(_ task: any EndOfTurnTask) -> UInt64 {
        assert(check.isOfThisThread, "work is put off on another thread than its loop's")
        tasks.append(task)
        lastNumber += 1
        return lastNumber
    }

    /// Whether the task of that number has begun its run.
    func hasRun(_ number: UInt64) -> Bool { number <= lastRunNumber }

    /// The time of this turn, taken when it is first asked for.
    func time() -> UInt64 {
        if turnTime == 0 { turnTime = uv_hrtime() }
        return turnTime
    }

    /// Those who were postponed go on behind everything else that happened, and before what is done once at the end.
    func end() {
        // What has been answered leaves before a large piece of work, and not behind it.
        if budget.isLargeDue { runTasks() }
        budget.serve()
        runTasks()
        budget.endTurn()
        keepAwake()
    }

    private func run() {
        runTasks()
        keepAwake()
    }

    private func runTasks() {
        turnTime = 0
        guard !tasks.isEmpty else { return }
        swap(&tasks, &runningTasks)
        for task in runningTasks {
            lastRunNumber += 1
            task.endOfTurn()
        }
        // There are few; removing all at once, and keeping the memory, costs more.
        while runningTasks.popLast() != nil {}
    }

    /// What tasks have asked for, and what is postponed, is for the next turn, which may be a poll away.
    private func keepAwake() {
        let hasWork = !tasks.isEmpty || budget.hasPostponed
        guard hasWork != isKeptAwake else { return }
        isKeptAwake = hasWork
        if hasWork { uv_idle_start(idle.pointer) { _ in } } else { uv_idle_stop(idle.pointer) }
    }

    func close() {
        check.close()
        prepare.close()
        idle.close()
    }
}

/// Something that gathers work during a turn of the loop and does it once at its end.
package protocol EndOfTurnTask: AnyObject {
    func endOfTurn()
}

@available(*, unavailable) extension TurnEnd: Sendable {}
