import EventLoopTesting
import Testing

@testable import EventLoop

struct DeferredTests {
    @Test func `work that is asked for often in a turn is done once at its end`() throws {
        try withLoop { loop in
            var deferred = Deferred(on: loop)
            let task = Task()
            var runsSeen: [Int] = []
            let timer = try Timer(loop: loop) {
                for _ in 0..<3 { deferred.ask(task) }
                runsSeen.append(task.runs)
            }
            timer.start(milliseconds: 0)
            try loop.run(until: { task.runs > 0 })
            try loop.settle()
            #expect(task.runs == 1)
            #expect(runsSeen == [0])
            timer.close()
        }
    }

    @Test func `work can be asked for in every turn`() throws {
        try withLoop { loop in
            var deferred = Deferred(on: loop)
            let task = Task()
            for runs in 1...3 {
                deferred.ask(task)
                deferred.ask(task)
                try loop.run(until: { task.runs > 0 })
                try loop.settle()
                #expect(task.runs == runs)
            }
        }
    }

    @Test func `work that asks for itself, however often, is done once more`() throws {
        try withLoop { loop in
            var deferred = Deferred(on: loop)
            var task: Task?
            task = Task {
                guard let task, task.runs < 3 else { return }
                deferred.ask(task)
                deferred.ask(task)
            }
            try deferred.ask(#require(task))
            try loop.settle()
            #expect(task?.runs == 3)
            task = nil
        }
    }

    @Test func `work that is about to be done is not done twice when work before it asks for it`() throws {
        try withLoop { loop in
            var later = Deferred(on: loop)
            let second = Task()
            let first = Task { later.ask(second) }
            loop.turnEnd.putOff(first)
            later.ask(second)
            try loop.settle()
            #expect(first.runs == 1)
            #expect(second.runs == 1)
        }
    }

    @Test func `work that was done is done again in the next turn when work behind it asks for it`() throws {
        try withLoop { loop in
            var earlier = Deferred(on: loop)
            let first = Task()
            let second = Task { earlier.ask(first) }
            earlier.ask(first)
            loop.turnEnd.putOff(second)
            try loop.settle()
            #expect(first.runs == 2)
            #expect(second.runs == 1)
        }
    }

    @Test func `what one has put off is nothing to another`() throws {
        try withLoop { loop in
            var order: [String] = []
            var one = Deferred(on: loop)
            var other = Deferred(on: loop)
            let first = Task { order.append("first") }
            let second = Task { order.append("second") }
            one.ask(first)
            other.ask(second)
            one.ask(first)
            try loop.settle()
            #expect(order == ["first", "second"])
        }
    }

    @Test func `who asks is kept until the work is done`() throws {
        try withLoop { loop in
            var deferred = Deferred(on: loop)
            var runs = 0
            var task: Task? = Task { runs += 1 }
            weak let asked = task
            try deferred.ask(#require(task))
            task = nil
            #expect(asked != nil)
            try loop.settle()
            #expect(runs == 1)
            #expect(asked == nil)
        }
    }
}
