import EventLoopTesting
import Testing

@testable import EventLoop

struct TurnEndTests {
    @Test func `a task runs once, at the end of the turn that registered it`() throws {
        try withLoop { loop in
            let (own, peer) = try RawSocket.pair()
            let stream = try ByteStream(loop: loop, adopting: own.release())
            defer { stream.close() }
            let task = Task()
            var runsSeenInCallback: [Int] = []
            try stream.startReading(
                .init(
                    received: { _ in
                        runsSeenInCallback.append(task.runs)
                        if runsSeenInCallback.count == 1 { loop.turnEnd.putOff(task) }
                        runsSeenInCallback.append(task.runs)
                    },
                    ended: { _ in }
                )
            )
            try peer.write("a")
            try loop.run(until: { task.runs > 0 })
            try peer.write("b")
            try loop.run(until: { runsSeenInCallback.count == 4 })
            try loop.settle()
            #expect(task.runs == 1)
            #expect(runsSeenInCallback == [0, 0, 1, 1])
        }
    }

    @Test func `tasks run in the order in which they were registered`() throws {
        try withLoop { loop in
            var order: [Int] = []
            let tasks = (0..<5).map { number in Task { order.append(number) } }
            let timer = try Timer(loop: loop) { for task in tasks { loop.turnEnd.putOff(task) } }
            timer.start(milliseconds: 0)
            try loop.run(until: { order.count == 5 })
            #expect(order == [0, 1, 2, 3, 4])
            timer.close()
        }
    }

    @Test func `a task of a timer runs before the loop goes to sleep`() throws {
        try withLoop { loop in
            let task = Task { loop.stop() }
            let timer = try Timer(loop: loop) { loop.turnEnd.putOff(task) }
            timer.start(milliseconds: 0)
            try expectNoSleep(of: loop) { loop.run() }
            #expect(task.runs == 1)
            timer.close()
        }
    }

    @Test func `a task of a task of a timer runs before the loop goes to sleep`() throws {
        try withLoop { loop in
            let second = Task { loop.stop() }
            let first = Task { loop.turnEnd.putOff(second) }
            let timer = try Timer(loop: loop) { loop.turnEnd.putOff(first) }
            timer.start(milliseconds: 0)
            try expectNoSleep(of: loop) { loop.run() }
            #expect(first.runs == 1)
            #expect(second.runs == 1)
            timer.close()
        }
    }

    @Test func `a task that asks again in every turn does not keep the others from theirs`() throws {
        try withLoop { loop in
            var task: Task?
            task = Task { if let task, task.runs < 100 { loop.turnEnd.putOff(task) } }
            var fired = 0
            let timer = try Timer(loop: loop) { fired += 1 }
            timer.start(milliseconds: 0)
            try loop.run(until: { fired == 1 })
            try loop.turnEnd.putOff(#require(task))
            timer.start(milliseconds: 0)
            try loop.run(until: { fired == 2 })
            try loop.run(until: { task?.runs == 100 })
            timer.close()
            task = nil
        }
    }

    /// Fails, instead of sleeping for an hour, if the loop sleeps before it stops.
    private func expectNoSleep(of loop: Loop, while body: () -> Void) throws {
        let alarm = try Timer(loop: loop) { loop.stop() }
        alarm.start(milliseconds: 3_000)
        let before = loop.now
        body()
        #expect(loop.now - before < 2_000)
        alarm.close()
    }
}
