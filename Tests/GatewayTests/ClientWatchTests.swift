import EventLoop
import EventLoopTesting
import Testing

@testable import Gateway

struct ClientWatchTests {
    /// A client that is slow for so many looks.
    private final class Client: WatchedClient {
        private(set) var looks: [UInt64] = []
        private var slowLooks: Int
        var then: () -> Void = {}

        init(slowFor looks: Int) {
            slowLooks = looks
        }

        func isStillSlow(now: UInt64) -> Bool {
            looks.append(now)
            slowLooks -= 1
            then()
            return slowLooks > 0
        }
    }

    private func withWatch(_ test: (ClientWatch, Loop) throws -> Void) throws {
        var limits = Limits()
        limits.frameTime = 16
        limits.readTime = 40
        try withLoop { loop in
            let watch = try ClientWatch(loop: loop, limits: limits)
            defer { watch.close() }
            try test(watch, loop)
        }
    }

    @Test func `a client is looked at while it is slow, every so often, and then no more`() throws {
        try withWatch { watch, loop in
            let client = Client(slowFor: 4)
            let start = loop.now
            watch.add(client)
            try loop.run(until: { client.looks.count == 4 })
            for (number, time) in client.looks.enumerated() { #expect(time >= start + UInt64(number + 1) * 5) }
            let other = Client(slowFor: 2)
            watch.add(other)
            try loop.run(until: { other.looks.count == 2 })
            #expect(client.looks.count == 4)
        }
    }

    @Test func `a client that has gone is looked at no more`() throws {
        try withWatch { watch, loop in
            let (gone, other) = (Client(slowFor: .max), Client(slowFor: .max))
            watch.add(gone)
            watch.add(other)
            watch.remove(gone)
            try loop.run(until: { other.looks.count == 2 })
            #expect(gone.looks.isEmpty)
        }
    }

    @Test func `clients may go and come while others are looked at`() throws {
        try withWatch { watch, loop in
            let (first, second, new) = (Client(slowFor: 1), Client(slowFor: 3), Client(slowFor: 2))
            first.then = {
                watch.remove(first)
                watch.add(new)
            }
            watch.add(first)
            watch.add(second)
            try loop.run(until: { second.looks.count == 3 && new.looks.count == 2 })
            #expect(first.looks.count == 1)
        }
    }

    @Test func `nothing is left of a watch that is closed`() throws {
        weak var held: Client?
        try withWatch { watch, _ in
            let client = Client(slowFor: .max)
            held = client
            watch.add(client)
            watch.close()
        }
        #expect(held == nil)
    }
}
