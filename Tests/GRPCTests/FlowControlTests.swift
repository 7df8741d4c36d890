import Bytes
import Calls
import Testing

@testable import GRPC

struct FlowControlTests {
    private static let initialWindow: UInt16 = 4
    private static let hundred = [UInt8](repeating: 7, count: 100)

    /// A client whose streams take so many bytes.
    private func talk(window: UInt32, _ change: (inout SessionLimits) -> Void = { _ in }) -> Talk {
        Talk(settings: [(Self.initialWindow, window)], change)
    }

    private func data(_ said: [Said]) -> [UInt8] {
        said.flatMap { if case .data(let bytes, _) = $0 { bytes } else { [] as [UInt8] } }
    }

    /// Compared by itself: of what is so long, the macro would look for the differences until the end of time.
    private func expectWhole(_ data: [UInt8], _ payload: [UInt8], at location: SourceLocation = #_sourceLocation) {
        let isWhole = data == message(payload)
        #expect(isWhole, "\(data.count) bytes", sourceLocation: location)
    }

    @Test func `what the window does not take waits, and no other stream waits for it`() {
        let talk = talk(window: 50)
        talk.receive(Talk.call(1) + Talk.call(3))
        talk.complete(1, Self.hundred)
        #expect(data(talk.takeSaid(1)) == Array(message(Self.hundred)[..<50]))
        #expect(talk.session.waitingByteCount == 55)
        #expect(talk.session.waitingByteCount(of: CallKey(1)) == 55)
        talk.complete(3, [1])
        #expect(talk.takeSaid(3) == Said.answer([1]))
        talk.receive(.windowUpdate(1, 55))
        #expect(
            talk.takeSaid(1) == [
                .data(Array(message(Self.hundred)[50...]), end: false), .head(["grpc-status: 0"], end: true),
            ]
        )
        #expect(talk.session.waitingByteCount == 0)
    }

    @Test func `what waits is kept by reference if it has an owner, until it has gone`() {
        let talk = talk(window: 50)
        talk.receive(Talk.call(1))
        weak var watched: SharedBytes?
        do {
            let shared = Self.hundred.withUnsafeBytes { SharedBytes(copying: $0) }
            watched = shared
            talk.session.complete(CallKey(1), Payload(shared))
        }
        #expect(watched != nil)
        let first = data(talk.takeSaid(1))
        talk.receive(.windowUpdate(1, 1_000))
        #expect(first + data(talk.takeSaid(1)) == message(Self.hundred))
        #expect(watched == nil)
    }

    @Test func `what several streams wait with counts once, and what was only lent counts as copied`() {
        let talk = talk(window: 50)
        talk.receive(Talk.call(1) + Talk.call(3) + Talk.call(5) + Talk.call(7))
        let shared = Self.hundred.withUnsafeBytes { SharedBytes(copying: $0) }
        for id: UInt32 in [1, 3] { talk.session.complete(CallKey(id), Payload(shared)) }
        #expect(talk.held.count == 100)
        #expect(talk.session.waitingMemory == 150)
        talk.complete(5, Self.hundred)
        #expect(talk.held.count == 155)
        #expect(talk.session.waitingMemory == 205)
        talk.complete(7, [1])
        #expect(talk.held.count == 155)
        talk.receive(.windowUpdate(1, 1_000), .reset(3, 8))
        #expect(talk.held.count == 55)
        #expect(talk.session.waitingMemory == 55)
        talk.session.forgetAnswers()
        #expect(talk.held.count == 0)
        #expect(talk.session.waitingMemory == 0)
        #expect(talk.session.waitingByteCount == 0)
    }

    @Test func `what waits counts no more when the session has gone`() {
        let held: HeldBytes
        do {
            let talk = talk(window: 50)
            held = talk.held
            talk.receive(Talk.call(1))
            talk.complete(1, Self.hundred)
            #expect(held.count == 55)
        }
        #expect(held.count == 0)
    }

    @Test func `a large payload that somebody owns goes out from where it is`() {
        let talk = talk(window: 1 << 20)
        talk.receive(Talk.call(1))
        talk.write()
        let shared = [UInt8](repeating: 7, count: 40_000).withUnsafeBytes { SharedBytes(copying: $0) }
        talk.session.complete(CallKey(1), Payload(shared))
        let pieces = talk.session.outgoing.pieces
        #expect(pieces.map(\.bytes.count).reduce(0, +) == 40_000)
        #expect(pieces.first?.bytes.baseAddress == shared.bytes.baseAddress)
        expectWhole(data(talk.takeSaid(1)), Array(shared.bytes))
    }

    @Test func `what waited goes with its stream`() {
        let talk = talk(window: 50)
        talk.receive(Talk.call(1) + Talk.call(3))
        weak var watched: SharedBytes?
        do {
            let shared = Self.hundred.withUnsafeBytes { SharedBytes(copying: $0) }
            watched = shared
            talk.session.send(CallKey(1), message: Payload(shared))
        }
        talk.receive(.reset(1, 8))
        #expect(watched == nil)
        #expect(talk.session.waitingByteCount == 0)
        #expect(talk.takeHeard() == [.unload(1), .unload(3), .cancelled(1)])
    }

    @Test func `the connection's window holds all of its streams, and lets them go`() {
        let talk = talk(window: 1 << 20)
        talk.receive(Talk.call(1) + Talk.call(3))
        let payload = [UInt8](repeating: 1, count: 100_000)
        talk.complete(1, payload)
        talk.complete(3, payload)
        let first = (data(talk.takeSaid(1)), data(talk.takeSaid(3)))
        #expect(first.0.count + first.1.count == 65_535)
        talk.receive(.windowUpdate(0, 1 << 20))
        expectWhole(first.0 + data(talk.takeSaid(1)), payload)
        expectWhole(first.1 + data(talk.takeSaid(3)), payload)
    }

    @Test func `streams take turns`() {
        let talk = talk(window: 1 << 20)
        talk.receive(Frame.windowUpdate(0, 1 << 24).bytes + Talk.call(1) + Talk.call(3))
        let payload = [UInt8](repeating: 1, count: 1_000_000)
        talk.complete(1, payload)
        talk.complete(3, payload)
        talk.session.outgoing.removeAll()
        talk.session.flush(now: talk.now)
        let ids = Frame.parse(talk.session.outgoing.joined).filter { $0.kind == .data }.map(\.id)
        #expect(ids.count > 8)
        #expect(abs(ids.filter { $0 == 1 }.count - ids.filter { $0 == 3 }.count) <= 4)
    }

    @Test func `no more goes out than the socket takes, and what is small is not held by what is large`() {
        let talk = talk(window: 1 << 24) { $0.outgoingBytes = 20_000 }
        talk.receive(Frame.windowUpdate(0, 1 << 24).bytes + Talk.call(1) + Talk.call(3))
        talk.session.outgoing.removeAll()
        let payload = [UInt8](repeating: 1, count: 1_000_000)
        talk.complete(1, payload)
        #expect(talk.session.outgoing.count < 20_000 + 16_384 + 100)
        #expect(talk.session.waitingByteCount > 950_000)
        // Control frames do not wait for room.
        let before = talk.session.outgoing.count
        talk.session.fail(CallKey(3), Status(.notFound, .badRequest, ""))
        #expect(talk.session.outgoing.count > before)
    }

    @Test func `what is held for room goes out whole`() {
        let talk = talk(window: 1 << 24) { $0.outgoingBytes = 20_000 }
        talk.receive(Frame.windowUpdate(0, 1 << 24).bytes + Talk.call(1) + Talk.call(3))
        let payload = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 5) }
        talk.complete(1, payload)
        talk.complete(3, payload)
        expectWhole(data(talk.takeSaid(1)), payload)
        expectWhole(data(talk.takeSaid(3)), payload)
    }

    @Test func `a stream of which much waits is told when it has drained, once`() {
        let talk = talk(window: 50) { $0.waitingBytes = 100 }
        talk.receive(Talk.call(1))
        _ = talk.takeHeard()
        talk.send(1, Self.hundred)
        talk.send(1, Self.hundred)
        #expect(talk.session.waitingByteCount(of: CallKey(1)) == 160)
        talk.receive(.windowUpdate(1, 109))
        #expect(talk.takeHeard() == [])
        talk.receive(.windowUpdate(1, 1))
        #expect(talk.takeHeard() == [.drained(1)])
        talk.receive(.windowUpdate(1, 1))
        #expect(talk.takeHeard() == [])
    }

    @Test func `a stream that waits for room in the socket is told too`() {
        let talk = talk(window: 1 << 24) { $0.outgoingBytes = 20_000 }
        talk.receive(Frame.windowUpdate(0, 1 << 24).bytes + Talk.call(1))
        _ = talk.takeHeard()
        talk.send(1, [UInt8](repeating: 1, count: 300_000))
        #expect(talk.takeHeard() == [])
        talk.write()
        #expect(talk.takeHeard() == [.drained(1)])
    }

    @Test func `trailers do not wait for a window`() {
        let talk = talk(window: 6)
        talk.receive(Talk.call(1))
        talk.send(1, [1])
        talk.session.complete(CallKey(1))
        #expect(talk.takeSaid(1).last == .head(["grpc-status: 0"], end: true))
        #expect(talk.session.streams.isEmpty)
    }

    @Test func `a deadline that finds data waiting resets the stream`() {
        let talk = talk(window: 50)
        talk.receive(Talk.call(1))
        talk.send(1, Self.hundred)
        talk.session.fail(CallKey(1), Status(.deadlineExceeded, .deadlineExceeded, "", requestSent: true))
        #expect(talk.takeSaid(1).last == .reset(ErrorCode.cancel))
        #expect(talk.takeHeard() == [.unload(1)])
        #expect(talk.session.waitingByteCount == 0)
    }

    @Test func `another error waits behind the data`() {
        let talk = talk(window: 50)
        talk.receive(Talk.call(1))
        talk.send(1, Self.hundred)
        talk.session.fail(CallKey(1), Status(.internal, .upstreamBadJSON, ""))
        #expect(talk.takeSaid(1).count == 2)
        talk.receive(.windowUpdate(1, 100))
        guard case .head(let fields, end: true)? = talk.takeSaid(1).last else { preconditionFailure("no trailers") }
        #expect(fields[0] == "grpc-status: 13")
    }

    @Test(arguments: [0, 1] as [UInt32])
    func `a window that grows too large is the client's fault`(increment: UInt32) {
        let talk = talk(window: 1_000)
        talk.receive(Talk.call(1))
        talk.receive(.windowUpdate(1, increment == 0 ? 0 : 0x7FFF_FFFF))
        #expect(talk.takeHeard().contains(.cancelled(1)) || talk.session.end != nil)
    }
}
