import EventLoop
import EventLoopTesting
import HTTP
import Testing

@testable import PiecesOS

struct UpstreamLossTests {
    @Test func `a GET is sent once more when a used connection dies before the first byte`() throws {
        try withUpstream { setting in
            try setting.useOnce()
            let (receiver, exchange) = setting.submit()
            try setting.run(until: { setting.server.requests == 2 })
            setting.server.connections[0].stream.close()
            try setting.run(until: { setting.server.requests == 3 })
            #expect(setting.server.connections.count == 2)
            #expect(exchange.requestSent)
            try setting.server.connections[1].answer("again")
            try setting.run(until: { receiver.outcomes == [.finished(200, "again")] })
        }
    }

    @Test func `a GET that was sent twice is not sent a third time`() throws {
        try withUpstream { setting in
            try setting.useOnce()
            let (receiver, _) = setting.submit()
            try setting.run(until: { setting.server.requests == 2 })
            setting.server.connections[0].stream.close()
            try setting.run(until: { setting.server.requests == 3 })
            setting.server.connections[1].stream.close()
            try setting.run(until: { !receiver.outcomes.isEmpty })
            #expect(receiver.outcomes == [.failed(.connectionLost)])
            try setting.loop.settle()
            #expect(setting.server.requests == 3)
        }
    }

    /// - Parameter unasked: what the server has sent; nothing if it has closed the connection.
    @Test(arguments: [true, false], ["HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nspoofed", "x", ""])
    func `what came to an idle connection before a request goes out costs nothing and is no answer`(
        isGET: Bool,
        unasked: String
    ) throws {
        try withUpstream { setting in
            try setting.useOnce()
            var changes: [UpstreamChange] = []
            setting.upstream.changed = { changes.append($0) }
            let (own, client) = try RawSocket.pair()
            let stream = try ByteStream(loop: setting.loop, adopting: own.release())
            defer { stream.close() }
            var submitted: (receiver: RecordingReceiver, exchange: Exchange)?
            try stream.startReading(
                .init(received: { _ in submitted = setting.submit(isGET ? .snapshot : .unload) }, ended: { _ in })
            )
            try setting.loop.settle()
            // The loop hears of all that in one poll, and of the client first.
            try client.write("x")
            let connection = setting.server.connections[0]
            if unasked.isEmpty { connection.stream.close() } else { try connection.send(unasked) }
            try setting.run(until: {
                setting.server.connections.count == 2 && setting.server.connections[1].requests == 1
            })
            let receiver = try #require(submitted).receiver
            #expect(receiver.outcomes.isEmpty)
            try setting.server.connections[1].answer("true")
            try setting.run(until: { !receiver.outcomes.isEmpty })
            #expect(receiver.outcomes == [.finished(200, "true")])
            #expect(changes.isEmpty)
        }
    }

    @Test func `a GET on a fresh connection is not sent again`() throws {
        try withUpstream { setting in
            let (receiver, exchange) = setting.submit()
            try setting.run(until: { setting.server.requests == 1 })
            setting.server.connections[0].stream.close()
            try setting.run(until: { !receiver.outcomes.isEmpty })
            #expect(receiver.outcomes == [.failed(.connectionLost)])
            #expect(exchange.requestSent)
            try setting.loop.settle()
            #expect(setting.server.connections.count == 1)
        }
    }

    @Test(arguments: ["H", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"])
    func `a GET is not sent again once a byte of an answer has come`(beginning: String) throws {
        try withUpstream { setting in
            try setting.useOnce()
            let (receiver, _) = setting.submit()
            try setting.run(until: { setting.server.requests == 2 })
            try setting.server.connections[0].send(beginning)
            setting.server.connections[0].stream.close()
            try setting.run(until: { !receiver.outcomes.isEmpty })
            #expect(receiver.outcomes == [.failed(.connectionLost)])
            try setting.loop.settle()
            #expect(setting.server.connections.count == 1)
        }
    }

    @Test func `a POST is never sent twice`() throws {
        try withUpstream { setting in
            try setting.useOnce()
            let (receiver, exchange) = setting.submit(.unload)
            try setting.run(until: { setting.server.requests == 2 })
            setting.server.connections[0].stream.close()
            try setting.run(until: { !receiver.outcomes.isEmpty })
            #expect(receiver.outcomes == [.failed(.connectionLost)])
            #expect(exchange.requestSent)
            try setting.loop.settle()
            #expect(setting.server.connections.count == 1)
        }
    }

    @Test func `an idle connection that has ended gets no request`() throws {
        try withUpstream { setting in
            try setting.useOnce()
            setting.server.connections[0].stream.close()
            // The end has not been seen yet, since no turn of the loop has passed since.
            let (receiver, _) = setting.submit(.unload)
            try setting.run(until: { setting.server.requests == 2 })
            #expect(setting.server.connections.count == 2)
            try setting.server.connections[1].answer("done")
            try setting.run(until: { receiver.outcomes == [.finished(200, "done")] })
        }
    }

    @Test func `what came on an idle connection is never the next answer`() throws {
        try withUpstream { setting in
            try setting.useOnce()
            try setting.server.connections[0].answer("unasked")
            // It has not been seen yet, since no turn of the loop has passed since.
            let (receiver, _) = setting.submit(.unload)
            try setting.run(until: { setting.server.requests == 2 })
            #expect(setting.server.connections.count == 2)
            try setting.server.connections[1].answer("done")
            try setting.run(until: { receiver.outcomes == [.finished(200, "done")] })
        }
    }

    @Test func `a body that the end of its connection ends is whole, and one that a reset ends is not`() throws {
        for readsRequests in [true, false] {
            try withUpstream { setting in
                setting.server.readsRequests = readsRequests
                let (receiver, exchange) = setting.submit()
                try setting.run(until: { exchange.requestSent && setting.server.connections.count == 1 })
                if readsRequests { try setting.run(until: { setting.server.requests == 1 }) }
                // Closing a Unix socket resets it if bytes were left unread.
                let connection = setting.server.connections[0]
                try connection.send("HTTP/1.1 200 OK\r\n\r\n{}")
                connection.stream.close()
                try setting.run(until: { !receiver.outcomes.isEmpty })
                #expect(receiver.outcomes == [readsRequests ? .finished(200, "{}") : .failed(.connectionLost)])
            }
        }
    }

    @Test func `what is no HTTP ends the exchange and the connection`() throws {
        try withUpstream { setting in
            let (receiver, _) = setting.submit()
            try setting.run(until: { setting.server.requests == 1 })
            try setting.server.connections[0].send("220 mail.example ESMTP\r\n")
            try setting.run(until: { !receiver.outcomes.isEmpty })
            guard case .failed(.badHTTP)? = receiver.outcomes.first else {
                Issue.record("\(receiver.outcomes)")
                return
            }
            try setting.run(until: { setting.server.connections[0].hasEnded })
        }
    }

    @Test func `every address that was tried is named, with what was wrong there`() throws {
        try withLoop { loop in
            let (socket, port) = try RawSocket.boundToLoopback()
            defer { socket.close() }
            let location = try UpstreamLocation(parsing: "http://localhost:\(port)")
            let upstream = Upstream(loop: loop, location: location, limits: .init())
            defer { upstream.close() }
            let receiver = RecordingReceiver()
            let exchange = Exchange(receiver: receiver)
            exchange.prepare(.snapshot, forwarding: ForwardedHeaders(), delivery: .limitedParts)
            upstream.submit(exchange)
            try loop.run(until: { !receiver.outcomes.isEmpty })
            let both = "127.0.0.1:\(port): connection refused; [::1]:\(port): connection refused"
            #expect(receiver.outcomes == [.failed(.unreachable("cannot connect to \(both)"))])
        }
    }

    @Test func `a server that is not there is named, and nothing counts as sent`() throws {
        try withTemporaryDirectory { directory in
            try withLoop { loop in
                let location = try UpstreamLocation(parsing: "unix:\(directory)/nobody")
                let upstream = Upstream(loop: loop, location: location, limits: .init())
                defer { upstream.close() }
                let receiver = RecordingReceiver()
                let exchange = Exchange(receiver: receiver)
                exchange.prepare(.snapshot, forwarding: ForwardedHeaders(), delivery: .limitedParts)
                upstream.submit(exchange)
                try loop.run(until: { !receiver.outcomes.isEmpty })
                guard case .failed(.unreachable(let reason))? = receiver.outcomes.first else {
                    Issue.record("\(receiver.outcomes)")
                    return
                }
                #expect(reason.contains("\(directory)/nobody"))
                #expect(!exchange.requestSent)
                #expect(exchange.isIdle)
            }
        }
    }
}
