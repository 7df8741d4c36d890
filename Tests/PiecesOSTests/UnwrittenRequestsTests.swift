import EventLoopTesting
import HTTP
import Testing

@testable import PiecesOS

/// Requests that are not read as fast as they are written.
struct UnwrittenRequestsTests {
    private static let megabyte = 1_000_000

    private func create(_ size: Int) -> HTTPRequest {
        .create([UInt8](repeating: UInt8(ascii: "x"), count: size))
    }

    @Test func `a body is kept until it is written, and not for its answer`() throws {
        try withUpstream { setting in
            let (receiver, exchange) = setting.submit(create(4 * Self.megabyte))
            #expect(exchange.request.body != nil)
            #expect(setting.upstream.unwritten.size == exchange.size)
            try setting.run(until: { setting.upstream.unwritten.size == 0 })
            #expect(exchange.request.body == nil)
            try setting.run(until: { setting.server.connections[0].received.count > 4 * Self.megabyte })
            #expect(setting.server.connections[0].received.suffix(2) == [120, 120])
            try setting.server.connections[0].answer("made")
            try setting.run(until: { receiver.outcomes == [.finished(200, "made")] })
        }
    }

    @Test func `what is not read counts, whoever has it, until it is given up`() throws {
        try withUpstream(waitingSize: 9 * Self.megabyte) { setting in
            setting.server.readsRequests = false
            let calls = (0..<2).map { _ in setting.submit(create(4 * Self.megabyte)) }
            try setting.run(until: { calls.allSatisfy { $0.1.requestSent } })
            #expect(setting.upstream.unwritten.size > 8 * Self.megabyte)
            let (refused, _) = setting.submit(create(4 * Self.megabyte))
            #expect(refused.outcomes == [.failed(.queueFull)])
            // What is small needs no room.
            let (small, exchange) = setting.submit(.unload)
            try setting.run(until: { exchange.requestSent })
            #expect(small.outcomes.isEmpty)

            for call in calls { setting.upstream.cancel(call.1) }
            #expect(setting.upstream.unwritten.size == 0)
            let (accepted, _) = setting.submit(create(4 * Self.megabyte))
            #expect(accepted.outcomes.isEmpty)
        }
    }

    @Test func `a request that is larger than what may wait is written if it is alone`() throws {
        try withUpstream(waitingSize: Self.megabyte) { setting in
            setting.server.readsRequests = false
            let (alone, exchange) = setting.submit(create(4 * Self.megabyte))
            let (second, _) = setting.submit(create(100_000))
            #expect(second.outcomes == [.failed(.queueFull)])
            try setting.run(until: { exchange.requestSent })
            #expect(alone.outcomes.isEmpty)
        }
    }

    @Test func `who has the most loses what waits, not what is being written`() throws {
        try withUpstream(connections: 1, waitingSize: 9 * Self.megabyte) { setting in
            setting.server.readsRequests = false
            let client = RecordingReceiver()
            let own = (0..<2).map { _ in
                let exchange = Exchange(receiver: client)
                exchange.prepare(
                    create(4 * Self.megabyte),
                    forwarding: ForwardedHeaders(),
                    delivery: .limitedParts,
                    for: client
                )
                setting.upstream.submit(exchange)
                return exchange
            }
            try setting.run(until: { own[0].requestSent })
            #expect(own[1].isWaiting)
            let (other, _) = setting.submit(create(4 * Self.megabyte))
            #expect(client.outcomes == [.failed(.queueFull)])
            #expect(own[0].isExchanging)
            #expect(own[1].isIdle)
            #expect(other.outcomes.isEmpty)
        }
    }
}
