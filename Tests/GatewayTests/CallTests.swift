import Calls
import Contract
import EventLoop
import EventLoopTesting
import HTTP
import PiecesOS
import Testing

@testable import Gateway

/// One call, from its request to what its owner hears.
struct CallTests {
    private static let minute: UInt64 = 60_000_000_000

    private func start(
        _ call: Call,
        _ method: String,
        for owner: FakeClient,
        nanoseconds: UInt64 = minute
    ) throws {
        var headers = ForwardedHeaders()
        // With a trace context it goes alone.
        try Array("00".utf8).withUnsafeBytes { try headers.append(.traceparent, $0) }
        let read = HTTPRequest(method: "GET", path: Array("/models".utf8))
        let change = HTTPRequest(method: "POST", path: Array("/models/unload".utf8))
        let routed = try Carried.routed(method)
        call.start(
            routed,
            routed.method.isRead ? read : change,
            forwarding: headers,
            for: owner,
            key: CallKey(7),
            nanoseconds: nanoseconds
        )
    }

    private func withCall(_ test: (Call, FakeClient, UpstreamStub) throws -> Void) throws {
        try withUpstreamStub { stub in
            let call = try stub.call()
            defer { call.close() }
            try test(call, FakeClient(), stub)
        }
    }

    private func failure(of owner: FakeClient) -> Status? {
        guard case .failed(let status)? = owner.events.last, owner.events.count == 1 else { return nil }
        return status
    }

    @Test func `the answer of a unary call is its payload, and the call can be used again`() throws {
        try withCall { call, owner, stub in
            for round in 1...2 {
                try start(call, "ModelsSnapshot", for: owner)
                #expect(call.key == CallKey(7))
                #expect(!call.isStream)
                try stub.requests(round)
                try stub.server.connections[0].answer(#"{"iterable":[]}"#)
                try stub.loop.run(until: { owner.events.count == round })
                #expect(owner.events.last == .completed([]))
            }
        }
    }

    @Test func `the answer of a stream is messages and an end`() throws {
        try withCall { call, owner, stub in
            try start(call, "StreamModelsSnapshot", for: owner)
            #expect(call.isStream)
            try stub.requests(1)
            try stub.server.connections[0].answer(#"{"iterable":[{"id":"a"}]}"#)
            try stub.loop.run(until: { owner.events.last == .ended })
            #expect(owner.events.count == 2)
            #expect(!call.isStream)
        }
    }

    @Test func `an HTTP status is an error, of a stream too`() throws {
        for method in ["UnloadModels", "StreamModelsSnapshot", "ModelsSnapshot"] {
            try withCall { call, owner, stub in
                try start(call, method, for: owner)
                try stub.requests(1)
                try stub.server.connections[0].send("HTTP/1.1 404 x\r\nContent-Length: 2\r\n\r\nno")
                try stub.loop.run(until: { !owner.events.isEmpty })
                let status = try #require(failure(of: owner))
                #expect(status.code == .notFound)
                #expect(status.message == "no")
                #expect(status.operation == method)
            }
        }
    }

    @Test func `a stream that cannot be used ends with an error, and takes no more of the answer`() throws {
        try withCall { call, owner, stub in
            try start(call, "StreamModelsSnapshot", for: owner)
            try stub.requests(1)
            try stub.server.connections[0].send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[")
            try stub.loop.run(until: { !owner.events.isEmpty })
            #expect(failure(of: owner)?.reason == .upstreamBadJSON)
            #expect(failure(of: owner)?.httpStatus == 200)
            try stub.loop.run(until: { stub.server.connections[0].hasEnded })
        }
    }

    @Test func `a deadline says whether the request was sent, and what had been answered`() throws {
        try withCall { call, owner, stub in
            stub.server.readsRequests = false
            try start(call, "UnloadModels", for: owner, nanoseconds: 20_000_000)
            let before = stub.loop.now
            try stub.loop.run(until: { !owner.events.isEmpty })
            #expect(stub.loop.now - before >= 20)
            #expect(failure(of: owner)?.reason == .deadlineExceeded)
            #expect(failure(of: owner)?.requestSent == true)
            #expect(failure(of: owner)?.httpStatus == nil)
            try stub.loop.settle()
            #expect(owner.events.count == 1)
        }
    }

    @Test func `a call that is given up before it was sent says so, and nothing is sent`() throws {
        try withCall { call, owner, stub in
            try start(call, "UnloadModels", for: owner)
            call.cancel()
            #expect(failure(of: owner)?.code == .cancelled)
            #expect(failure(of: owner)?.requestSent == false)
            #expect(failure(of: owner)?.operation == "UnloadModels")
            try stub.loop.settle()
            #expect(stub.server.requests == 0)
        }
    }

    @Test func `a call that is given up after it was sent gives up its connection`() throws {
        try withCall { call, owner, stub in
            try start(call, "UnloadModels", for: owner)
            try stub.requests(1)
            call.shutDown()
            #expect(failure(of: owner)?.reason == .shuttingDown)
            #expect(failure(of: owner)?.requestSent == true)
            try stub.loop.run(until: { stub.server.connections[0].hasEnded })
        }
    }

    @Test func `a call that is abandoned tells its owner alone`() throws {
        try withCall { call, owner, stub in
            try start(call, "UnloadModels", for: owner)
            try stub.requests(1)
            call.abandon()
            #expect(owner.events == [.abandoned])
            try stub.loop.run(until: { stub.server.connections[0].hasEnded })
            #expect(owner.events == [.abandoned])
        }
    }

    @Test func `a connection that is lost is an error`() throws {
        try withCall { call, owner, stub in
            try start(call, "UnloadModels", for: owner)
            try stub.requests(1)
            stub.server.connections[0].stream.close()
            try stub.loop.run(until: { !owner.events.isEmpty })
            #expect(failure(of: owner)?.reason == .upstreamConnectionLost)
            #expect(failure(of: owner)?.requestSent == true)
        }
    }

    @Test func `a paused stream takes nothing until it goes on`() throws {
        try withCall { call, owner, stub in
            try start(call, "StreamModelsSnapshot", for: owner)
            try stub.requests(1)
            let connection = stub.server.connections[0]
            try connection.send("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n")
            try stub.loop.settle()
            call.pause()
            #expect(call.isPaused)
            try connection.send(#"{"iterable":[]}"#)
            try stub.loop.settle()
            #expect(owner.events.isEmpty)
            call.resume()
            #expect(!call.isPaused)
            try stub.loop.run(until: { owner.events.last == .ended })
        }
    }

    @Test func `the next use of a call that was paused is not paused`() throws {
        try withCall { call, owner, stub in
            try start(call, "StreamModelsSnapshot", for: owner)
            call.pause()
            call.abandon()
            #expect(!call.isPaused)
            try start(call, "UnloadModels", for: owner)
            try stub.requests(1)
            try #require(stub.server.connections.last).answer("")
            try stub.loop.run(until: { owner.events.last == .completed([]) })
        }
    }

    @Test func `a snapshot without a trace context shares its answer, and says what became of that`() throws {
        try withCall { call, owner, stub in
            let (other, otherOwner) = (try stub.call(), FakeClient())
            defer { other.close() }
            let routed = try Carried.routed("ModelsSnapshot")
            for (call, owner) in [(call, owner), (other, otherOwner)] {
                call.start(
                    routed,
                    HTTPRequest(method: "GET", path: Array("/models".utf8)),
                    forwarding: ForwardedHeaders(),
                    for: owner,
                    key: CallKey(1),
                    nanoseconds: Self.minute
                )
            }
            try stub.requests(1)
            other.cancel()
            #expect(failure(of: otherOwner)?.requestSent == true)
            try stub.server.connections[0].answer(#"{"iterable":[]}"#)
            try stub.loop.run(until: { owner.events == [.completed([])] })
            try stub.loop.settle()
            #expect(stub.server.requests == 1)
        }
    }
}
