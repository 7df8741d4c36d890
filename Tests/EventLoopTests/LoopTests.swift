import EventLoopTesting
import Testing

@testable import EventLoop

struct LoopTests {
    @Test func `a loop with an open handle cannot be closed, and can when it is`() throws {
        let loop = try Loop()
        let timer = try Timer(loop: loop) {}
        #expect(throws: LoopError.system(16)) { try loop.close() }
        timer.close()
        try loop.close()
        try loop.close()
    }

    @Test func `a loop without handles has nothing to run`() throws {
        try withLoop { $0.run() }
    }

    @Test func `stopping makes run return, with handles open`() throws {
        try withLoop { loop in
            let timer = try Timer(loop: loop) { loop.stop() }
            timer.start(milliseconds: 0)
            let other = try Timer(loop: loop) { Issue.record("it ran on") }
            other.start(milliseconds: 3_600_000)
            loop.run()
            timer.close()
            other.close()
        }
    }

    @Test func `the clock does not go back`() throws {
        try withLoop { loop in
            let before = loop.now
            var atFire: UInt64?
            let timer = try Timer(loop: loop) { atFire = loop.now }
            timer.start(milliseconds: 5)
            try loop.run(until: { atFire != nil })
            #expect(try #require(atFire) >= before + 5)
            timer.close()
        }
    }
}
