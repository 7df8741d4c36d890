import Bytes
import EventLoopTesting
import HTTP
import Testing

@testable import PiecesOS

struct UpstreamPoolTests {
    @Test func `no more connections are made than the limit, and who waits is served in order`() throws {
        try withUpstream(connections: 2) { setting in
            var order: [Int] = []
            let calls = (0..<6).map { number in
                let (receiver, exchange) = setting.submit()
                receiver.onOutcome = { order.append(number) }
                return (receiver, exchange)
            }
            #expect(calls.map { $0.1.isWaiting } == [false, false, true, true, true, true])
            for answered in 0..<6 {
                try setting.run(until: { setting.server.requests == min(2 + answered, 6) })
                #expect(setting.server.connections.count == 2)
                try setting.server.connections[answered % 2].answer("\(answered)")
                try setting.run(until: { order.count == answered + 1 })
            }
            #expect(order == [0, 1, 2, 3, 4, 5])
            #expect(calls.map(\.0.outcomes) == (0..<6).map { [.finished(200, "\($0)")] })
        }
    }

    @Test func `nothing is begun for a client that is held back, and others have its connections`() throws {
        final class Client {}
        try withUpstream(connections: 1) { setting in
            let client = Client()
            let (first, _) = setting.submit(for: client)
            let (second, waiting) = setting.submit(for: client)
            try setting.run(until: { setting.server.requests == 1 })
            setting.upstream.holdBack(client)
            try setting.server.connections[0].answer("1")
            try setting.run(until: { first.outcomes == [.finished(200, "1")] })
            #expect(waiting.isWaiting)
            let (third, another) = setting.submit(for: client)
            #expect(another.isWaiting)
            let (other, _) = setting.submit()
            try setting.run(until: { setting.server.requests == 2 })
            try setting.server.connections[0].answer("2")
            try setting.run(until: { other.outcomes == [.finished(200, "2")] })
            try setting.loop.settle()
            #expect(setting.server.requests == 2)
            #expect(setting.upstream.waitingCount == 2)
            setting.upstream.goOn(for: client)
            for (number, receiver) in [second, third].enumerated() {
                try setting.run(until: { setting.server.requests == 3 + number })
                try setting.server.connections[0].answer("\(3 + number)")
                try setting.run(until: { receiver.outcomes == [.finished(200, "\(3 + number)")] })
            }
            #expect(setting.server.connections.count == 1)
        }
    }

    @Test func `a connection that closes makes room for one who waits`() throws {
        try withUpstream(connections: 1) { setting in
            let (first, _) = setting.submit()
            let (second, _) = setting.submit()
            try setting.run(until: { setting.server.requests == 1 })
            try setting.server.connections[0].answer("1", "Connection: close\r\n")
            try setting.run(until: { setting.server.requests == 2 })
            try setting.server.connections[1].answer("2")
            try setting.run(until: { second.outcomes == [.finished(200, "2")] })
            #expect(first.outcomes == [.finished(200, "1")])
        }
    }

    @Test func `who finds the queue full is told at once`() throws {
        try withUpstream(connections: 1, waiting: 2) { setting in
            let accepted = (0..<3).map { _ in setting.submit() }
            let (refused, exchange) = setting.submit()
            #expect(refused.outcomes == [.failed(.queueFull)])
            #expect(exchange.isIdle)
            #expect(accepted.allSatisfy { $0.0.outcomes.isEmpty })

            setting.upstream.cancel(accepted[1].1)
            let (late, _) = setting.submit()
            #expect(late.outcomes.isEmpty)
        }
    }

    @Test(arguments: [1, 0])
    func `a call that has ended, or was refused, keeps nothing of its request`(waiting: Int) throws {
        try withUpstream(connections: 1, waiting: waiting) { setting in
            _ = setting.submit()
            let (receiver, exchange) = setting.submit(.create([UInt8](repeating: 7, count: 1_000)))
            #expect(exchange.request.body?.bytes.count ?? 0 == 1_000 * waiting)
            if waiting > 0 {
                setting.upstream.cancel(exchange)
                #expect(receiver.outcomes.isEmpty)
            }
            #expect(exchange.request.body == nil)
        }
    }

    @Test func `who is told of an answer can submit at once`() throws {
        try withUpstream(connections: 1) { setting in
            let (receiver, exchange) = setting.submit()
            receiver.onOutcome = { [unowned receiver] in
                guard receiver.outcomes.count < 3 else { return }
                exchange.prepare(.snapshot, forwarding: ForwardedHeaders(), delivery: .limitedParts)
                setting.upstream.submit(exchange)
            }
            for round in 1...3 {
                try setting.run(until: { setting.server.requests == round })
                try setting.server.connections[0].answer("\(round)")
            }
            try setting.run(until: { receiver.outcomes.count == 3 })
            #expect(setting.server.connections.count == 1)
        }
    }
}
