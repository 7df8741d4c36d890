import EventLoopTesting
import Testing

@testable import Gateway

struct StreamWatchTests {
    /// A client with so many slow streams, which wait as long as the test says.
    private final class Client: StreamingClient {
        var hasWaitingStreams = true
        var slowStreamCount: Int
        var keepsOthersWaiting = false
        private(set) var looks = 0
        var then: () -> Void = {}

        init(slowStreams: Int) {
            slowStreamCount = slowStreams
        }

        func noteWaitingStreams() -> Bool {
            looks += 1
            return hasWaitingStreams
        }

        func giveUpSlowStreams() {
            slowStreamCount = 0
            then()
        }
    }

    private func withWatch(_ test: (StreamWatch, @escaping (() -> Bool) throws -> Void) throws -> Void) throws {
        try withLoop { loop in
            let watch = try StreamWatch(loop: loop)
            defer { watch.close() }
            try test(watch) { try loop.run(until: $0) }
        }
    }

    @Test func `the client with the most slow streams loses them, and only while others wait`() throws {
        try withWatch { watch, _ in
            let clients = [2, 5, 3].map { Client(slowStreams: $0) }
            for client in clients { watch.add(client) }
            watch.look()
            #expect(clients.map(\.slowStreamCount) == [2, 5, 3])
            for client in clients { client.keepsOthersWaiting = true }
            watch.look()
            #expect(clients.map(\.slowStreamCount) == [2, 0, 3])
            // Nobody else waits for these: the others may be this client's own calls.
            clients[2].keepsOthersWaiting = false
            watch.look()
            #expect(clients.map(\.slowStreamCount) == [0, 0, 3])
        }
    }

    @Test func `a client is looked at as long as streams of it wait, and then no more`() throws {
        try withWatch { watch, run in
            let (first, second) = (Client(slowStreams: 0), Client(slowStreams: 0))
            watch.add(first)
            try run { first.looks == 3 }
            first.hasWaitingStreams = false
            watch.add(second)
            try run { second.looks == 3 }
            #expect(first.looks == 4)
        }
    }

    @Test func `a client that closes over it is not looked at any more`() throws {
        try withWatch { watch, _ in
            let client = Client(slowStreams: 1)
            client.keepsOthersWaiting = true
            client.then = { watch.remove(client) }
            watch.add(client)
            watch.look()
            watch.look()
            #expect(client.looks == 1)
        }
    }
}
