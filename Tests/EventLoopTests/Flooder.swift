@testable import EventLoop

/// A client without a socket that has so much small work, and notes its name for each piece that it does.
final class Flooder: PostponedTask {
    let name: Int
    private let budget: TurnBudget
    private var share: TurnShare
    private let done: (Int) -> Void
    var left: Int

    init(_ name: Int, _ left: Int, _ budget: TurnBudget, _ done: @escaping (Int) -> Void) {
        self.name = name
        self.left = left
        self.budget = budget
        self.done = done
        share = TurnShare(of: budget)
    }

    func goOn() {
        while left > 0 {
            guard share.takeSmall() else { return budget.postpone(self) }
            left -= 1
            done(name)
        }
    }
}

/// Does something once it is its turn.
final class LargeTask: PostponedTask {
    private let work: () -> Void

    init(_ work: @escaping () -> Void) {
        self.work = work
    }

    func goOn() { work() }
}
