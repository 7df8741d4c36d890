@testable import EventLoop

/// Counts, and does what the test wants besides.
final class Task: EndOfTurnTask {
    private(set) var runs = 0
    private let work: () -> Void

    init(_ work: @escaping () -> Void = {}) {
        self.work = work
    }

    func endOfTurn() {
        runs += 1
        work()
    }
}
