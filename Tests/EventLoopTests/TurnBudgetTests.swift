import EventLoopTesting
import Testing

@testable import EventLoop

struct TurnBudgetTests {
    private let budget = TurnBudget()

    private func endTurn() {
        budget.serve()
        budget.endTurn()
    }

    // MARK: - Small work

    @Test func `a turn has so much small work of all clients, and a little of each besides`() {
        var done = 0
        let flooders = (0..<200).map { Flooder($0, 1_638, budget) { _ in done += 1 } }
        for flooder in flooders { flooder.goOn() }
        endTurn()
        #expect(done == TurnBudget.mostSmall + 200 * TurnBudget.free)
        for turn in 2...5 {
            endTurn()
            #expect(done == turn * TurnBudget.mostSmall + 200 * TurnBudget.free)
        }
    }

    @Test func `whoever asks for little is served at once, whatever others have sent`() {
        let flooders = (0..<200).map { Flooder($0, 1_638, budget) { _ in } }
        for flooder in flooders { flooder.goOn() }
        let bystander = Flooder(200, 0, budget) { _ in }
        while budget.hasPostponed {
            bystander.left = TurnBudget.free
            bystander.goOn()
            #expect(bystander.left == 0)
            endTurn()
        }
        #expect(flooders.allSatisfy { $0.left == 0 })
    }

    @Test func `those who are postponed go on one after the other, a little each`() {
        var done: [Int] = []
        let first = Flooder(0, TurnBudget.free + TurnBudget.mostSmall, budget) { _ in }
        first.goOn()
        let others = (1...3).map { Flooder($0, TurnBudget.free + 2 * TurnBudget.quantum, budget) { done.append($0) } }
        for flooder in others { flooder.goOn() }
        #expect(done == [1, 2, 3].flatMap { [Int](repeating: $0, count: TurnBudget.free) })
        endTurn()
        done = []
        endTurn()
        #expect(done == [1, 2, 3, 1, 2, 3].flatMap { [Int](repeating: $0, count: TurnBudget.quantum) })
        #expect(!budget.hasPostponed)
    }

    @Test func `nobody overtakes those who are postponed`() {
        var done: [Int] = []
        let first = Flooder(1, TurnBudget.mostSmall + 2 * TurnBudget.free, budget) { _ in }
        first.goOn()
        endTurn()
        let second = Flooder(2, 2 * TurnBudget.free, budget) { done.append($0) }
        second.goOn()
        #expect(done.count == TurnBudget.free)
        endTurn()
        #expect(done.count == 2 * TurnBudget.free)
        #expect(first.left == 0)
    }

    @Test func `whoever has left does not go on`() {
        var done: Set<Int> = []
        let flooders = (0..<3).map { Flooder($0, 1_638, budget) { done.insert($0) } }
        for flooder in flooders { flooder.goOn() }
        budget.endTurn()
        done = []
        budget.forget(flooders[1], of: flooders[1])
        while budget.hasPostponed { endTurn() }
        #expect(done == [2])
        #expect(flooders[1].left > 0)
    }

    // MARK: - Large work

    @Test func `there is one large piece of work in a turn, in the order in which it was asked for`() {
        var done: [Int] = []
        let tasks = (0..<4).map { number in LargeTask { done.append(number) } }
        #expect(tasks.map { budget.takeLarge($0, of: $0) } == [true, false, false, false])
        for turn in 0..<3 {
            endTurn()
            #expect(done == Array((1...3).prefix(turn)))
        }
        endTurn()
        #expect(done == [1, 2, 3])
        #expect(!budget.hasPostponed)
    }

    @Test func `nobody overtakes those who wait for large work`() {
        var done: [Int] = []
        let tasks = (0..<3).map { number in LargeTask { done.append(number) } }
        _ = tasks.prefix(2).map { budget.takeLarge($0, of: $0) }
        endTurn()
        #expect(!budget.takeLarge(tasks[2], of: tasks[2]))
        endTurn()
        #expect(done == [1])
        endTurn()
        #expect(done == [1, 2])
    }

    @Test func `an owner with many large pieces waits behind one with few`() {
        var done: [Int] = []
        let (greedy, modest) = (Task(), Task())
        for number in 0..<4 { _ = budget.takeLarge(LargeTask { done.append(number) }, of: greedy) }
        _ = budget.takeLarge(LargeTask { done.append(9) }, of: modest)
        while budget.hasPostponed { endTurn() }
        #expect(done == [1, 9, 2, 3])
    }

    @Test func `a large piece that has left is not done`() {
        var done: [Int] = []
        let owner = Task()
        let tasks = (0..<4).map { number in LargeTask { done.append(number) } }
        for task in tasks { _ = budget.takeLarge(task, of: owner) }
        budget.forget(tasks[2], of: owner)
        while budget.hasPostponed { endTurn() }
        #expect(done == [1, 3])
    }

    // MARK: - On a loop

    @Test func `what is postponed goes on in a later turn, behind timers, and is not slept over`() throws {
        try withLoop { loop in
            var order: [String] = []
            let alarm = try Timer(loop: loop) { loop.stop() }
            alarm.start(milliseconds: 3_000)
            let timer = try Timer(loop: loop) { order.append("timer") }
            let last = LargeTask {
                order.append("last")
                loop.stop()
            }
            let first = LargeTask { order.append("first") }
            let start = try Timer(loop: loop) {
                for task in [LargeTask {}, first, last] { _ = loop.budget.takeLarge(task, of: task) }
                timer.start(milliseconds: 0)
            }
            start.start(milliseconds: 0)
            let before = loop.now
            loop.run()
            #expect(order == ["timer", "first", "last"])
            #expect(loop.now - before < 2_000)
            for timer in [alarm, timer, start] { timer.close() }
        }
    }

    @Test func `what a postponed task puts off to the end of a turn is done in that turn`() throws {
        try withLoop { loop in
            var order: [String] = []
            let flush = Task { order.append("flush") }
            let first = LargeTask {
                order.append("first")
                loop.turnEnd.putOff(flush)
            }
            let second = LargeTask { order.append("second") }
            for task in [LargeTask {}, first, second] { _ = loop.budget.takeLarge(task, of: task) }
            try loop.run(until: { order.count == 3 })
            #expect(order == ["first", "flush", "second"])
        }
    }

    @Test func `what has happened in a turn leaves before a large piece of work that waits for it`() throws {
        try withLoop { loop in
            let (own, peer) = try RawSocket.pair()
            let stream = try ByteStream(loop: loop, adopting: own.release())
            defer { stream.close() }
            var order: [String] = []
            var reads = 0
            let flush = Task { order.append("flush") }
            let received = { (_: UnsafeRawBufferPointer) in
                reads += 1
                guard reads == 1 else {
                    loop.turnEnd.putOff(flush)
                    return
                }
                for task in [LargeTask {}, LargeTask { order.append("large") }] {
                    _ = loop.budget.takeLarge(task, of: task)
                }
                try? peer.write("b")
            }
            try stream.startReading(.init(received: received, ended: { _ in }))
            try peer.write("a")
            try loop.run(until: { order.count == 2 })
            #expect(order == ["flush", "large"])
        }
    }
}
