/// How much is done in one turn of the loop for all clients together. What exceeds it is postponed and goes on in a later
/// turn, when timers have run and everybody else has been read from.
///
/// It knows neither sockets nor time: whoever owns the loop says when a turn ends.
package final class TurnBudget {
    /// Pieces of small work, such as a request, or a frame that cannot be used. They cost a few microseconds each.
    static let mostSmall = 2_048
    /// Those of each client that come besides: who asks for little never waits for those that ask for much.
    static let free = 16
    /// What a postponed client does before it is the next one's turn.
    static let quantum = 64
    /// Bytes from which on taking a request or an answer to pieces is a large piece of work. There is one in a turn.
    package static let largeSize = 256 * 1024

    /// Rises with each turn.
    private(set) var turn: UInt64 = 1
    private var small = FairQueue()
    private var large = FairQueue()
    private var smallDone = 0
    private var hasDoneLarge = false
    /// What the task that goes on may still do, if one does.
    private var quantumLeft: Int?

    package init() {}

    // MARK: - Asking

    /// Takes a piece of small work, beyond those that are free, or says that it is to be postponed. Nobody overtakes those
    /// who have been.
    /// - Parameter cost: what it counts for. More than is left does no harm, for it is less than a turn has.
    func takeSmall(_ cost: Int) -> Bool {
        guard smallDone < Self.mostSmall else { return false }
        if let left = quantumLeft {
            guard left > 0 else { return false }
            quantumLeft = left - cost
        } else if !small.isEmpty {
            return false
        }
        smallDone += cost
        return true
    }

    /// A task goes on, and has nothing free.
    var isServing: Bool { quantumLeft != nil }

    /// Has a task go on in a later turn with small work.
    package func postpone(_ task: any PostponedTask) {
        small.append(task, of: task)
    }

    /// Whether a large piece of work may be done at once. If not, the task goes on in a later turn, and does it then
    /// without asking again.
    /// - Parameter owner: on whose behalf; owners have their turns one after the other.
    package func takeLarge(_ task: any PostponedTask, of owner: AnyObject) -> Bool {
        guard hasDoneLarge || !large.isEmpty else {
            hasDoneLarge = true
            return true
        }
        large.append(task, of: owner)
        return false
    }

    /// Has a task that was postponed go on no more.
    package func forget(_ task: any PostponedTask, of owner: AnyObject) {
        small.remove(task, of: owner)
        large.remove(task, of: owner)
    }

    // MARK: - Turns

    /// Somebody waits for the next turn, which is not to be slept over.
    var hasPostponed: Bool { !small.isEmpty || !large.isEmpty }

    /// A large piece of work is done in this turn still.
    var isLargeDue: Bool { !hasDoneLarge && !large.isEmpty }

    /// Has those go on who wait, with what is left of this turn.
    func serve() {
        guard hasPostponed else { return }
        if isLargeDue, let task = large.removeNext() {
            hasDoneLarge = true
            goOn(task)
        }
        while smallDone < Self.mostSmall, let task = small.removeNext() { goOn(task) }
    }

    private func goOn(_ task: any PostponedTask) {
        quantumLeft = Self.quantum
        task.goOn()
        quantumLeft = nil
    }

    func endTurn() {
        turn += 1
        smallDone = 0
        hasDoneLarge = false
    }
}

@available(*, unavailable) extension TurnBudget: Sendable {}
