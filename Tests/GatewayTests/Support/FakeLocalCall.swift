import Calls

@testable import Gateway

/// A call that the gateway carries out, and what becomes of it.
final class FakeLocalCall: LocalCall {
    enum Event: Equatable {
        case sent([UInt8])
        case completed([UInt8])
        case ended
        case failed(Status)
    }

    private(set) var events: [Event] = []
    var isPaused = false
    var place = 0

    func send(_ message: UnsafeRawBufferPointer) { events.append(.sent(Array(message))) }
    func complete(_ payload: Payload) { events.append(.completed(Array(payload.bytes))) }
    func complete() { events.append(.ended) }
    func fail(_ status: Status) { events.append(.failed(status)) }
    func isCarried(by source: any SharedSource) {}
}
