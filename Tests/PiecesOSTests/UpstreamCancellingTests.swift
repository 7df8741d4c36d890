import EventLoop
import EventLoopTesting
import HTTP
import Testing

@testable import PiecesOS

struct UpstreamCancellingTests {
    @Test func `who gives up while waiting is not sent, and the others are`() throws {
        try withUpstream(connections: 1) { setting in
            let (first, _) = setting.submit()
            let (second, given) = setting.submit(.unload)
            let (third, _) = setting.submit()
            setting.upstream.cancel(given)
            #expect(given.isIdle)
            try setting.run(until: { setting.server.requests == 1 })
            try setting.server.connections[0].answer("1")
            try setting.run(until: { setting.server.requests == 2 })
            try setting.server.connections[0].answer("3")
            try setting.run(until: { third.outcomes == [.finished(200, "3")] })
            #expect(first.outcomes == [.finished(200, "1")])
            #expect(second.outcomes.isEmpty)
            #expect(!setting.server.connections[0].text.contains("POST"))
        }
    }

    @Test func `who gives up while connecting is not sent, and makes room`() throws {
        try withUpstream(connections: 1) { setting in
            let (receiver, exchange) = setting.submit(.unload)
            let (next, _) = setting.submit()
            #expect(exchange.isConnecting)
            setting.upstream.cancel(exchange)
            #expect(exchange.isIdle)
            #expect(!exchange.requestSent)
            try setting.run(until: { setting.server.requests == 1 })
            try setting.server.connections.last?.answer("next")
            try setting.run(until: { next.outcomes == [.finished(200, "next")] })
            #expect(receiver.outcomes.isEmpty)
            #expect(!setting.server.connections.contains { $0.text.contains("POST") })
        }
    }

    @Test func `who gives up during the exchange closes its connection`() throws {
        try withUpstream { setting in
            let (receiver, exchange) = setting.submit()
            try setting.run(until: { setting.server.requests == 1 })
            setting.upstream.cancel(exchange)
            setting.upstream.cancel(exchange)
            #expect(exchange.isIdle)
            #expect(exchange.requestSent)
            try setting.run(until: { setting.server.connections[0].hasEnded })
            #expect(receiver.outcomes.isEmpty)
        }
    }

    @Test func `who gives up while given a part hears nothing more`() throws {
        try withUpstream { setting in
            let (receiver, exchange) = setting.submit(.snapshot, .parts)
            receiver.onPart = { setting.upstream.cancel(exchange) }
            try setting.run(until: { setting.server.requests == 1 })
            try setting.server.connections[0].send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n"
            )
            try setting.run(until: { setting.server.connections[0].hasEnded })
            #expect(receiver.partsTogether == "a")
            #expect(receiver.outcomes.isEmpty)
        }
    }

    @Test func `who gives up while others are told that Pieces OS was not found hears nothing more`() throws {
        try withUpstream(connections: 1) { setting in
            let calls = (0..<3).map { _ in setting.submit() }
            calls[1].0.onOutcome = { setting.upstream.cancel(calls[2].1) }
            setting.upstream.foundNothing(.unreachable("nowhere"))
            #expect(calls[1].0.outcomes == [.failed(.unreachable("nowhere"))])
            #expect(calls[2].0.outcomes.isEmpty)
            #expect(calls[2].1.isIdle)
        }
    }

    @Test func `closing gives up what waits, connects and is under way, and closes what is idle`() throws {
        try withUpstream(connections: 3) { setting in
            try setting.useOnce()
            let calls = (0..<2).map { _ in setting.submit() }
            try setting.run(until: { setting.server.requests == 3 })
            try setting.server.connections[0].answer("x")
            try setting.run(until: { !calls[0].0.outcomes.isEmpty })
            let connecting = setting.submit()
            setting.upstream.close()
            setting.upstream.close()
            #expect(calls[1].1.isIdle)
            #expect(connecting.1.isIdle)
            try setting.run(until: { setting.server.connections.allSatisfy(\.hasEnded) })
            #expect(calls[1].0.outcomes.isEmpty)
            #expect(connecting.0.outcomes.isEmpty)
        }
    }
}
