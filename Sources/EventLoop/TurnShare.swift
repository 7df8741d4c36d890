/// What one client may do in a turn of the loop.
package struct TurnShare: ~Copyable {
    private let budget: TurnBudget
    private var turn: UInt64 = 0
    private var freeLeft = 0

    package init(of budget: TurnBudget) {
        self.budget = budget
    }

    /// Takes a piece of small work, or says that it is to be postponed.
    /// - Parameter cost: what it counts for.
    package mutating func takeSmall(_ cost: Int = 1) -> Bool {
        if turn != budget.turn {
            turn = budget.turn
            freeLeft = TurnBudget.free
        }
        guard freeLeft >= cost, !budget.isServing else { return budget.takeSmall(cost) }
        freeLeft -= cost
        return true
    }
}
