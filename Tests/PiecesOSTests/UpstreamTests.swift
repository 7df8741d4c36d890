import EventLoop
import EventLoopTesting
import HTTP
import Testing

@testable import PiecesOS

struct UpstreamTests {
    @Test func `a request goes out and its answer comes back`() throws {
        try withUpstream { setting in
            let (receiver, exchange) = setting.submit()
            #expect(exchange.isConnecting)
            #expect(!exchange.requestSent)
            try setting.run(until: { setting.server.requests == 1 })
            #expect(exchange.isExchanging)
            #expect(exchange.requestSent)
            #expect(
                setting.server.connections[0].text
                    == "GET /models HTTP/1.1\r\nHost: localhost\r\nAccept: application/json, text/plain\r\n\r\n"
            )
            try setting.server.connections[0].answer("{}")
            try setting.run(until: { !receiver.outcomes.isEmpty })
            #expect(receiver.outcomes == [.finished(200, "{}")])
            #expect(exchange.isIdle)
        }
    }

    @Test func `a connection is kept and used again, and so is the exchange`() throws {
        try withUpstream { setting in
            let (receiver, exchange) = setting.submit()
            for round in 1...5 {
                try setting.run(until: { setting.server.requests == round })
                try setting.server.connections[0].answer("\(round)")
                try setting.run(until: { receiver.outcomes.count == round })
                guard round < 5 else { break }
                exchange.prepare(.snapshot, forwarding: ForwardedHeaders(), delivery: .limitedParts)
                #expect(!exchange.requestSent)
                setting.upstream.submit(exchange)
            }
            #expect(receiver.outcomes == (1...5).map { .finished(200, "\($0)") })
            #expect(setting.server.connections.count == 1)
        }
    }

    @Test(arguments: ["Connection: close\r\n", "X: y\r\n"])
    func `a connection that cannot go on is closed`(header: String) throws {
        try withUpstream { setting in
            let (first, _) = setting.submit()
            try setting.run(until: { setting.server.requests == 1 })
            if header.hasPrefix("Connection") {
                try setting.server.connections[0].answer("1", header)
            } else {
                try setting.server.connections[0].send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1garbage")
            }
            try setting.run(until: { first.outcomes == [.finished(200, "1")] })
            try setting.run(until: { setting.server.connections[0].hasEnded })
            let (second, _) = setting.submit()
            try setting.run(until: { setting.server.requests == 2 })
            #expect(setting.server.connections.count == 2)
            try setting.server.connections[1].answer("2")
            try setting.run(until: { second.outcomes == [.finished(200, "2")] })
        }
    }

    @Test func `what comes unasked on an idle connection closes it`() throws {
        try withUpstream { setting in
            let (receiver, _) = setting.submit()
            try setting.run(until: { setting.server.requests == 1 })
            try setting.server.connections[0].answer("1")
            try setting.run(until: { receiver.outcomes.count == 1 })
            try setting.server.connections[0].answer("unasked")
            try setting.run(until: { setting.server.connections[0].hasEnded })
            #expect(receiver.outcomes == [.finished(200, "1")])
        }
    }

    @Test func `parts are delivered as they come, and can be paused`() throws {
        try withUpstream { setting in
            let (receiver, exchange) = setting.submit(.snapshot, .parts)
            try setting.run(until: { setting.server.requests == 1 })
            let connection = setting.server.connections[0]
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\none")
            try setting.run(until: { receiver.partsTogether == "one" })
            exchange.pause()
            try connection.send("twotwo")
            try setting.loop.settle()
            #expect(receiver.partsTogether == "one")
            exchange.resume()
            try setting.run(until: { receiver.outcomes == [.finished(200, "")] })
            #expect(receiver.partsTogether == "onetwotwo")
        }
    }

    @Test func `a body over the limit ends the exchange and the connection`() throws {
        try withUpstream(body: 10) { setting in
            let (receiver, _) = setting.submit()
            try setting.run(until: { setting.server.requests == 1 })
            try setting.server.connections[0].answer("0123456789x")
            try setting.run(until: { receiver.outcomes.count == 1 })
            guard case .failed(.tooLarge)? = receiver.outcomes.first else {
                Issue.record("\(receiver.outcomes)")
                return
            }
            try setting.run(until: { setting.server.connections[0].hasEnded })
        }
    }

    @Test func `a large request that is answered before it was read leaves no connection behind`() throws {
        try withUpstream { setting in
            let (receiver, exchange) = setting.submit(.create([UInt8](repeating: UInt8(ascii: "x"), count: 4_000_000)))
            try setting.run(until: { setting.server.connections.first?.received.isEmpty == false })
            setting.server.connections[0].stream.pauseReading()
            try setting.server.connections[0].answer("early")
            try setting.run(until: { !receiver.outcomes.isEmpty })
            #expect(receiver.outcomes == [.finished(200, "early")])
            #expect(exchange.requestSent)
            setting.server.connections[0].stream.close()
            let (next, _) = setting.submit()
            try setting.run(until: { setting.server.connections.count == 2 })
            try setting.run(until: { setting.server.connections[1].requests == 1 })
            try setting.server.connections[1].answer("2")
            try setting.run(until: { next.outcomes == [.finished(200, "2")] })
        }
    }
}
