import EventLoopTesting
import Glibc
import Testing

@testable import EventLoop

/// One after the other: a signal goes to every loop of the process that watches for it.
@Suite(.serialized) struct SignalTests {
    /// To the process: the threads that tests run on may have signals blocked.
    private func send(_ number: Int32) {
        kill(getpid(), number)
    }

    @Test func `each signal is one call of the handler`() throws {
        try withLoop { loop in
            var count = 0
            let signal = try Signal(loop: loop, number: SIGUSR1) { count += 1 }
            send(SIGUSR1)
            #expect(count == 0)
            try loop.run(until: { count == 1 })
            send(SIGUSR1)
            try loop.run(until: { count == 2 })
            signal.close()
            signal.close()
        }
    }

    @Test func `kinds of signals are told apart`() throws {
        try withLoop { loop in
            var first = 0
            var second = 0
            let one = try Signal(loop: loop, number: SIGUSR1) { first += 1 }
            let other = try Signal(loop: loop, number: SIGUSR2) { second += 1 }
            send(SIGUSR2)
            try loop.run(until: { second == 1 })
            #expect(first == 0)
            one.close()
            other.close()
        }
    }

    @Test func `a watcher can close itself in its own handler`() throws {
        try withLoop { loop in
            var signal: Signal?
            signal = try Signal(loop: loop, number: SIGUSR1) {
                signal?.close()
                signal = nil
            }
            send(SIGUSR1)
            loop.run()
            #expect(signal == nil)
        }
    }

    @Test(arguments: [0, SIGKILL, SIGSTOP, 1_000])
    func `a signal that cannot be watched is refused`(number: Int32) throws {
        try withLoop { loop in
            #expect(throws: LoopError.system(EINVAL)) { try Signal(loop: loop, number: number) {} }
        }
    }
}
