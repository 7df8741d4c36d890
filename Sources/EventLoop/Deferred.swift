/// Work that is put off to the end of a turn of the loop: done once, however often it was asked for until then.
package struct Deferred: ~Copyable {
    private let turnEnd: TurnEnd
    /// That of the last task that was put off; zero has always run.
    private var number: UInt64 = 0

    package init(on loop: Loop) {
        turnEnd = loop.turnEnd
    }

    /// Has the task run when the callbacks of this turn are through, unless it is going to anyway. A task that asks for
    /// itself again runs again in the next turn.
    package mutating func ask(_ task: any EndOfTurnTask) {
        guard turnEnd.hasRun(number) else { return }
        number = turnEnd.putOff(task)
    }
}
