package import EventLoop

/// A test has waited for something that did not happen.
package struct WaitedInVain: Error {}

/// Runs a test on a loop of its own, and demands at its end that nothing is left open on it.
package func withLoop(_ test: (Loop) throws -> Void) throws {
    let loop = try Loop()
    let result = Result { try test(loop) }
    do {
        try loop.close()
    } catch {
        // A loop that cannot be closed cannot be freed either.
        _ = Unmanaged.passRetained(loop)
        try result.get()
        throw error
    }
    try result.get()
}

extension Loop {
    /// Takes turns until the condition holds. The loop's own events are awaited; what happens beside it is looked at
    /// every few milliseconds.
    package func run(until condition: () -> Bool) throws {
        var beats = 0
        var timer: Timer?
        timer = try Timer(loop: self) {
            beats += 1
            timer?.start(milliseconds: 2)
        }
        timer?.start(milliseconds: 0)
        defer {
            timer?.close()
            timer = nil
        }
        while !condition() {
            runOnce()
            if beats > 10_000 { throw WaitedInVain() }
        }
    }

    /// Takes the turns that it takes to handle what is ready now and what that leads to.
    package func settle() throws {
        var turns = 0
        try run(until: {
            turns += 1
            return turns > 6
        })
    }
}
