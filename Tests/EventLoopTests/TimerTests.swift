import EventLoopTesting
import Testing

@testable import EventLoop

struct TimerTests {
    @Test func `a timer that was not started does not fire`() throws {
        try withLoop { loop in
            let timer = try Timer(loop: loop) { Issue.record("it fired") }
            try loop.settle()
            timer.close()
        }
    }

    @Test func `a timer fires once for each start`() throws {
        try withLoop { loop in
            var fired = 0
            let timer = try Timer(loop: loop) { fired += 1 }
            timer.start(milliseconds: 0)
            try loop.run(until: { fired == 1 })
            try loop.settle()
            #expect(fired == 1)
            timer.start(milliseconds: 1)
            try loop.run(until: { fired == 2 })
            timer.close()
        }
    }

    @Test func `starting again replaces the time`() throws {
        try withLoop { loop in
            var order: [String] = []
            let restarted = try Timer(loop: loop) { order.append("restarted") }
            let other = try Timer(loop: loop) { order.append("other") }
            restarted.start(milliseconds: 1)
            other.start(milliseconds: 20)
            restarted.start(milliseconds: 40)
            try loop.run(until: { order.count == 2 })
            #expect(order == ["other", "restarted"])
            restarted.close()
            other.close()
        }
    }

    @Test func `a time in nanoseconds counts from the start, however late in a turn that is`() throws {
        try withLoop { loop in
            let clock = ContinuousClock()
            var started = clock.now
            var taken: Duration?
            let late = try Timer(loop: loop) { taken = clock.now - started }
            let busy = try Timer(loop: loop) {
                let end = clock.now + .milliseconds(60)
                while clock.now < end {}
                started = clock.now
                late.start(nanoseconds: 30_400_000)
            }
            busy.start(milliseconds: 0)
            try loop.run(until: { taken != nil })
            #expect(try #require(taken) >= .nanoseconds(30_400_000))
            busy.close()
            late.close()
        }
    }

    @Test func `a stopped timer does not fire, and can be started again`() throws {
        try withLoop { loop in
            var fired = 0
            let timer = try Timer(loop: loop) { fired += 1 }
            timer.start(milliseconds: 0)
            timer.stop()
            timer.stop()
            try loop.settle()
            #expect(fired == 0)
            timer.start(milliseconds: 0)
            try loop.run(until: { fired == 1 })
            timer.close()
        }
    }

    @Test func `a timer can start itself anew and close itself in its own handler`() throws {
        try withLoop { loop in
            var fired = 0
            var timer: Timer?
            timer = try Timer(loop: loop) {
                fired += 1
                if fired < 3 { timer?.start(milliseconds: 0) } else { timer?.close() }
            }
            timer?.start(milliseconds: 0)
            loop.run()
            #expect(fired == 3)
            timer = nil
        }
    }

    @Test func `a closed timer does nothing, and can be closed again`() throws {
        try withLoop { loop in
            let timer = try Timer(loop: loop) { Issue.record("it fired") }
            timer.start(milliseconds: 0)
            timer.close()
            timer.close()
            timer.start(milliseconds: 0)
            timer.stop()
            try loop.settle()
        }
    }

    @Test func `the longest time does not fire at once`() throws {
        try withLoop { loop in
            let timer = try Timer(loop: loop) { Issue.record("it fired") }
            timer.start(milliseconds: .max)
            try loop.settle()
            timer.start(nanoseconds: .max)
            try loop.settle()
            timer.close()
        }
    }
}
