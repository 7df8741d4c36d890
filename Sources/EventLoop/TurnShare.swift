/// What one client may do in a turn of the loop.
package struct TurnShare: ~Copyable {
    private let budget: TurnBudget
    private var turn: UInt64 = 0
    private var freeLeft = 0

    package init(of budget: TurnBudget) {
        self.budget = budget
    }

    /// Takes a piece of small work, or says that it is to be postponed.
    package mutating func takeSmall() -> Bool {
        if turn != budget.turn {
            turn = budget.turn
            freeLeft = TurnBudget.free
        }
        guard freeLeft > 0, !budget.isServing else { return budget.takeSmall() }
        freeLeft -= 1
        return true
    }
}
