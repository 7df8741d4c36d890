import Contract
import EventLoop
import EventLoopTesting
import PiecesOS
import Testing
import Transcoding

@testable import Gateway

/// An upstream on the loop of the test that does what the test says, and what calls need besides.
struct UpstreamStub {
    let loop: Loop
    let server: ScriptedServer
    let upstream: Upstream
    let sharing: Sharing
    let exchanges: RoutedExchangeMaker
    let metrics: Metrics

    func call() throws(LoopError) -> Call {
        try Call(loop: loop, sharing: sharing, exchanges.make)
    }

    func exchange(unreadBytes: Int = 1 << 30) -> SharedExchange {
        SharedExchange(loop: loop, metrics: metrics, unreadBytes: unreadBytes, exchanges.make)
    }

    /// Waits until so many requests have come in all.
    func requests(_ count: Int) throws {
        try loop.run(until: { server.requests == count })
    }
}

/// Lends an upstream, and demands that nothing of it is left on the loop.
func withUpstreamStub(
    connections: Int = 32,
    answers: AnswerMemory = AnswerMemory(),
    _ test: (UpstreamStub) throws -> Void
) throws {
    try withTemporaryDirectory { directory in
        try withLoop { loop in
            let server = try ScriptedServer(loop: loop, path: "\(directory)/upstream")
            defer { server.close() }
            var limits = Upstream.Limits()
            limits.connections = connections
            let location = try UpstreamLocation(parsing: "unix:\(server.path)")
            let upstream = Upstream(loop: loop, location: location, limits: limits)
            defer { upstream.close() }
            let routed = RoutedExchangeMaker(loop, upstream, answers)
            let metrics = Metrics(try Carried.contract())
            let sharing = Sharing(
                loop: loop,
                exchanges: SharedExchangePool {
                    SharedExchange(loop: loop, metrics: metrics, unreadBytes: 1 << 30, routed.make)
                }
            )
            defer { sharing.close() }
            try test(
                UpstreamStub(
                    loop: loop,
                    server: server,
                    upstream: upstream,
                    sharing: sharing,
                    exchanges: routed,
                    metrics: metrics
                )
            )
        }
    }
}

extension Carried {
    /// A method that is carried out upstream, by its name.
    static func routed(_ name: String) throws -> RoutedMethod {
        let method = try #require(try method(name))
        return try RoutedMethod(method, #require(method.route), Schemas(try contract()))
    }
}
