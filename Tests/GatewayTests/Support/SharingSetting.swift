import Calls
import EventLoopTesting
import HTTP
import PiecesOS

@testable import Gateway

/// A call that keeps what it hears.
final class RecordingCall: SharingCall {
    var place = 0
    private(set) var source: (any SharedSource)?
    private(set) var payloads: [[UInt8]] = []
    private(set) var failures: [Status] = []
    /// What the test does besides, when it is answered.
    var then: () -> Void = {}

    var isAnswered: Bool { payloads.count + failures.count > 0 }

    func isCarried(by source: any SharedSource) {
        self.source = source
    }

    func complete(_ payload: Payload) {
        payloads.append(Array(payload.bytes))
        then()
    }

    func fail(_ status: Status) {
        failures.append(status)
        then()
    }
}

/// Calls that share, and their upstream.
struct SharingSetting {
    let stub: UpstreamStub
    let group: SharingGroup

    nonisolated(unsafe) static let request = HTTPRequest(method: "GET", path: Array("/models".utf8))

    func join(_ count: Int = 1) -> [RecordingCall] {
        let calls = (0..<count).map { _ in RecordingCall() }
        for call in calls { group.join(call) }
        return calls
    }

    /// Answers request number `number`, with so many models.
    func answer(_ number: Int, models: Int = 0) throws {
        let list = Array(repeating: #"{"id":"a"}"#, count: models).joined(separator: ",")
        try stub.server.connections[number].answer(#"{"iterable":[\#(list)]}"#)
    }

    func run(until condition: () -> Bool) throws {
        try stub.loop.run(until: condition)
    }
}

/// Lends a group, and demands that nothing of it is left on the loop.
func withSharingGroup(
    connections: Int = 32,
    unreadBytes: Int = 1 << 30,
    _ test: (SharingSetting) throws -> Void
) throws {
    try withUpstreamStub(connections: connections) { stub in
        let group = try SharingGroup(
            Carried.routed("ModelsSnapshot"),
            SharingSetting.request,
            ForwardedHeaders(),
            exchanges: SharedExchangePool { stub.exchange(unreadBytes: unreadBytes) },
            loop: stub.loop
        )
        defer { group.close() }
        try test(SharingSetting(stub: stub, group: group))
    }
}
