import Calls
import Contract

@testable import Gateway

/// A client that has what the test says, and keeps what is done to it.
final class FakeClient: CallingClient, WatchedClient {
    enum Event: Equatable {
        case lostNewestCall(Status.Reason)
        case brokenOff
        case closed
        case drained
        case askedWhetherDrained
        case shutDown
        case began(UInt32)
        case cancelled(UInt32)
        case answered(UInt32, [UInt8])
        case message([UInt8])
        case completed([UInt8])
        case ended
        case failed(Status)
        case abandoned
    }

    private(set) var events: [Event] = []
    let cancelsByFrame = false
    /// What the test does besides, after an event.
    var then: (Event) -> Void = { _ in }

    var callCount = 0
    var unfinishedByteCount = 0
    var unreadByteCount = 0
    /// What a byte of it weighs.
    var age = 1.0
    private(set) var looks = 0
    var unfinishedWeight: Double { Double(unfinishedByteCount) * age }
    var unreadWeight: Double {
        looks += 1
        return Double(unreadByteCount) * age
    }

    var allowedMethods = MethodSet()
    var isDraining = false
    let peer: PeerCredentials
    let socket = ListeningSocket(descriptor: -1, path: "/x", policy: AccessPolicy(users: [5]))

    init(process: Int32 = 1) {
        peer = PeerCredentials(process: process, user: 5, group: 9)
    }

    private func note(_ event: Event) {
        events.append(event)
        then(event)
    }

    // MARK: - As those see it who share out

    func failNewestCall(_ status: Status) {
        callCount -= 1
        note(.lostNewestCall(status.reason))
    }

    func breakOff(_ reason: String) -> Int {
        defer { unreadByteCount = 0 }
        note(.brokenOff)
        return unreadByteCount
    }

    func close(because reason: String) {
        unfinishedByteCount = 0
        note(.closed)
    }

    func drain() {
        note(.drained)
    }

    func closeIfDrained(now: UInt64) {
        note(.askedWhetherDrained)
    }

    func shutDown() {
        note(.shutDown)
    }

    func isStillSlow(now: UInt64) -> Bool { true }

    // MARK: - As the dispatcher sees it

    func begin(_ call: Call, _ key: CallKey) {
        callCount += 1
        note(.began(key.rawValue))
    }

    func cancel(_ key: CallKey) {
        note(.cancelled(key.rawValue))
    }

    func complete(_ key: CallKey, _ payload: UnsafeRawBufferPointer) {
        note(.answered(key.rawValue, Array(payload)))
    }

    // MARK: - As its calls see it

    func holdBack(_ payload: Payload) -> HeldAnswer? { nil }

    func send(_ message: UnsafeRawBufferPointer, of call: Call) {
        note(.message(Array(message)))
    }

    func complete(_ call: Call, _ payload: Payload) {
        note(.completed(Array(payload.bytes)))
    }

    func complete(_ call: Call) {
        note(.ended)
    }

    func fail(_ call: Call, _ status: Status) {
        note(.failed(status))
    }

    func abandon(_ call: Call) {
        note(.abandoned)
    }
}
