import Calls
import Contract
import EventLoop
import EventLoopTesting
import HTTP
import PiecesOS

@testable import Gateway

/// A connection whose bytes come from the test, and everything that it talks to.
struct ConnectionSetting {
    let stub: UpstreamStub
    let transport = FakeTransport()
    let host = FakeHost()
    let dispatcher = FakeDispatcher()
    let clock = FakeClock()
    let connection: ClientConnection
    let calls = Begun()

    /// The calls that have begun, in the order of their requests.
    final class Begun {
        var all: [Call] = []
    }

    static let peer = PeerCredentials(process: 7, user: 5, group: 9)

    init(_ stub: UpstreamStub, limits: Limits) throws {
        self.stub = stub
        connection = ClientConnection(
            transport,
            of: Self.peer,
            at: ListeningSocket(descriptor: -1, path: "/x", policy: AccessPolicy(users: [5])),
            in: Surroundings(host: host, dispatcher: dispatcher, limits: limits, loop: stub.loop, clock: clock)
        )
        let unary = try Carried.routed("UnloadModels")
        let stream = try Carried.routed("StreamModelsSnapshot")
        dispatcher.carryOut = { [stub, calls] (request, client) throws(Status) in
            guard let call = try? stub.call() else { throw .shuttingDown }
            calls.all.append(call)
            client.begin(call, request.key)
            let isStream = String(decoding: request.method, as: UTF8.self) == stream.method.name
            call.start(
                isStream ? stream : unary,
                HTTPRequest(method: "POST", path: Array("/x".utf8)),
                forwarding: ForwardedHeaders(),
                for: client,
                key: request.key,
                nanoseconds: 60_000_000_000
            )
        }
    }

    /// Bytes arrive, in reads of that size.
    func receive(_ bytes: [UInt8], inReadsOf size: Int = .max) {
        var rest = bytes[...]
        while !rest.isEmpty {
            rest.prefix(size).withUnsafeBytes { connection.received($0) }
            rest = rest.dropFirst(size)
        }
    }

    func receive(_ frames: Frame..., inReadsOf size: Int = .max) {
        receive(frames.flatMap(\.bytes), inReadsOf: size)
    }

    /// Lets the turn end, and what it leads to happen.
    func endTurn() throws {
        try stub.loop.settle()
    }

    func close() {
        connection.close()
        for call in calls.all { call.close() }
        dispatcher.carryOut = { _, _ in }
    }

    var sent: [Frame] { Frame.all(in: transport.sent) }
}

/// Lends a connection, and demands that nothing is left on the loop when it has closed.
func withConnection(limits: Limits = Limits(), _ test: (ConnectionSetting) throws -> Void) throws {
    try withUpstreamStub { stub in
        let setting = try ConnectionSetting(stub, limits: limits)
        defer { setting.close() }
        try test(setting)
    }
}
