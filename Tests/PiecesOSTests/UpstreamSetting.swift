import EventLoop
import EventLoopTesting
import HTTP

@testable import PiecesOS

/// What a test has at hand: one loop, a server on it, and an upstream that knows the server.
struct UpstreamSetting {
    let loop: Loop
    let server: ScriptedServer
    let upstream: Upstream

    /// Submits a request; its receiver and exchange belong together.
    func submit(
        _ request: HTTPRequest = .snapshot,
        _ delivery: Exchange.Delivery = .limitedParts,
        for client: AnyObject? = nil
    ) -> (RecordingReceiver, Exchange) {
        let receiver = RecordingReceiver()
        receiver.joinsParts = delivery == .limitedParts
        let exchange = Exchange(receiver: receiver)
        exchange.prepare(request, forwarding: ForwardedHeaders(), delivery: delivery, for: client)
        upstream.submit(exchange)
        return (receiver, exchange)
    }

    func run(until condition: () -> Bool) throws {
        try loop.run(until: condition)
    }

    /// Has a connection serve one exchange, so that it counts as used before.
    func useOnce() throws {
        let (receiver, _) = submit()
        try run(until: { server.requests == 1 })
        try server.connections[0].answer("first")
        try run(until: { receiver.outcomes.count == 1 })
    }
}

/// Runs a test against a server on a Unix socket, and demands that nothing of the two is left on the loop.
func withUpstream(
    connections: Int = 32,
    waiting: Int = 1024,
    waitingSize: Int = 64 << 20,
    body: Int = 1_000_000,
    _ test: (UpstreamSetting) throws -> Void
) throws {
    try withTemporaryDirectory { directory in
        try withLoop { loop in
            let server = try ScriptedServer(loop: loop, path: "\(directory)/upstream")
            defer { server.close() }
            var limits = Upstream.Limits()
            limits.connections = connections
            limits.waiting = waiting
            limits.waitingSize = waitingSize
            limits.body = body
            let location = try UpstreamLocation(parsing: "unix:\(server.path)")
            let upstream = Upstream(loop: loop, location: location, limits: limits)
            defer { upstream.close() }
            try test(UpstreamSetting(loop: loop, server: server, upstream: upstream))
        }
    }
}
