import Calls
import Testing

@testable import GRPC

@Suite("A client that asks on a stream of messages and does not read the answers")
struct PostponingTests {
    private static let opened = Heard.requestStream(1, method: "ServerReflectionInfo")

    /// A client whose streams take 50 bytes has asked once and been answered with 100, of which more waits than should.
    private func talk(_ change: (inout SessionLimits) -> Void = { _ in }) -> Talk {
        let talk = Talk(settings: [(4, 50)]) {
            $0.waitingBytes = 40
            change(&$0)
        }
        talk.receive(.head(1, Talk.head(Talk.reflectionPath)), .data(1, message([1]), end: false))
        #expect(talk.takeHeard() == [Self.opened, .message(1, [1])])
        talk.send(1, [UInt8](repeating: 9, count: 100))
        return talk
    }

    private func goOn(_ talk: Talk) {
        talk.session.expire(now: talk.now)
        talk.listen()
    }

    private func windows(_ said: [Said]) -> UInt32 {
        said.reduce(0) { if case .windowUpdate(let size) = $1 { $0 + size } else { $0 } }
    }

    @Test func `is given out no more of what it asks, and keeps nobody waiting`() {
        let talk = talk()
        talk.receive(Frame.data(1, message([2]) + message([3]), end: false).bytes + Talk.call(3))
        #expect(talk.takeHeard() == [.unload(3)])
        talk.complete(3, [1])
        #expect(talk.takeSaid(3) == Said.answer([1]))
        #expect(talk.session.unfinishedByteCount == 12)
        #expect(talk.session.nextDeadline == nil)
    }

    @Test func `gets on, in order, when it has read, but not in the turn of that`() {
        let talk = talk()
        talk.receive(.data(1, message([2]) + message([3]), end: false))
        talk.receive(.windowUpdate(1, 45))
        #expect(talk.takeHeard() == [.drained(1)])
        #expect(talk.session.nextDeadline == talk.now)
        // What comes now comes behind it.
        talk.receive(.data(1, message([4])))
        #expect(talk.takeHeard() == [])
        goOn(talk)
        #expect(talk.takeHeard() == [.message(1, [2]), .message(1, [3]), .message(1, [4]), .endOfRequest(1)])
        #expect(talk.session.unfinishedByteCount == 0)
        #expect(talk.session.nextDeadline == nil)
    }

    @Test func `waits again as soon as too much waits again`() {
        let talk = talk()
        talk.receive(.data(1, message([2]) + message([3]) + message([4]) + [0], end: false))
        talk.receive(.windowUpdate(1, 55))
        _ = talk.takeHeard()
        talk.session.expire(now: talk.now)
        var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        guard let event = talk.session.next(&nothing, now: talk.now) else { preconditionFailure("no message") }
        #expect(Heard(event) == .message(1, [2]))
        talk.send(1, [UInt8](repeating: 9, count: 100))
        talk.listen()
        #expect(talk.takeHeard() == [])
        #expect(talk.session.unfinishedByteCount == 13)
        talk.receive(.windowUpdate(1, 105))
        goOn(talk)
        #expect(talk.takeHeard() == [.drained(1), .message(1, [3]), .message(1, [4])])
        talk.receive(.data(1, [0, 0, 0, 1, 5], end: false))
        #expect(talk.takeHeard() == [.message(1, [5])])
    }

    @Test func `finds its window shut, and that of the connection open`() {
        let talk = talk()
        talk.receive(Frame(kind: .settings, flags: Frame.acknowledgement))
        _ = (talk.takeSaid(0), talk.takeSaid(1))
        let frame = Frame.data(1, [UInt8](repeating: 0, count: 16_380), end: false)
        let count = (1 << 20) / 16_380
        for _ in 0..<count { talk.receive(frame) }
        #expect(windows(talk.takeSaid(1)) == 0)
        #expect(talk.takeHeard() == [])
        // Half of the connection's window has come, and more: it opens again.
        for id in stride(from: UInt32(3), to: 9, by: 2) {
            talk.receive(.head(id, Talk.head()))
            for _ in 0..<count { talk.receive(.data(id, frame.payload, end: false)) }
        }
        #expect(windows(talk.takeSaid(0)) >= 1 << 21)
        talk.receive(.windowUpdate(1, 55))
        goOn(talk)
        #expect(talk.takeHeard().filter { $0 == .message(1, []) }.count == count * 16_380 / 5)
        #expect(windows(talk.takeSaid(1)) >= 1 << 19)
    }

    @Test func `is refused when it leaves too much`() {
        let talk = talk { $0.unfinishedBytes = 20 }
        talk.receive(.data(1, message([2]) + message([3]) + message([4]), end: false))
        #expect(talk.takeHeard() == [])
        talk.receive(.data(1, message([5]), end: false))
        #expect(talk.takeHeard() == [.refused(1)])
        // Its end waits behind the answers, and what it asks has gone.
        #expect(talk.session.streams.count == 1)
        #expect(talk.session.unfinishedByteCount == 0)
        talk.receive(.data(1, message([6]), end: false))
        #expect(talk.session.unfinishedByteCount == 0)
        talk.receive(.windowUpdate(1, 1_000))
        #expect(talk.session.streams.isEmpty)
        #expect(talk.session.unfinishedByteCount == 0)
    }

    @Test(arguments: [false, true])
    func `takes what it has asked with it`(hasDrained: Bool) {
        let talk = talk()
        talk.receive(.data(1, message([2]), end: false))
        if hasDrained {
            talk.receive(.windowUpdate(1, 55))
            talk.session.expire(now: talk.now)
        }
        _ = talk.takeHeard()
        talk.receive(.reset(1, ErrorCode.cancel))
        #expect(talk.takeHeard() == (hasDrained ? [.message(1, [2])] : []) + [.cancelled(1)])
        #expect(talk.session.unfinishedByteCount == 0)
        #expect(talk.session.nextDeadline == nil)
    }

    @Test func `is ended after the time for reading, not for a message that has begun`() {
        let talk = talk {
            $0.messageTime = 1_000 * Talk.millisecond
            $0.readTime = 3_000 * Talk.millisecond
        }
        talk.receive(.data(1, message([2]) + [0], end: false))
        #expect(talk.session.nextDeadline == talk.now + 3_000 * Talk.millisecond)
        talk.wait(milliseconds: 3_000)
        goOn(talk)
        #expect(talk.takeHeard() == [.cancelled(1)])
        #expect(talk.takeSaid(1).last == .reset(ErrorCode.cancel))
    }

    @Test func `is answered its end while what it asked waits`() {
        let talk = talk()
        talk.receive(.data(1, message([2]), end: false))
        talk.session.fail(CallKey(1), Status(.unavailable, .shuttingDown, ""))
        talk.receive(.windowUpdate(1, 100))
        guard case .head(let fields, end: true)? = talk.takeSaid(1).dropLast().last else {
            preconditionFailure("no trailers")
        }
        #expect(fields[0] == "grpc-status: 14")
        #expect(talk.takeHeard() == [])
        #expect(talk.session.unfinishedByteCount == 0)
    }

    @Test func `windows open for whoever sends much, whatever becomes of it`() {
        let talk = Talk()
        let data = [UInt8](repeating: 1, count: 16_000)
        // Refused at its first byte of data, a stream goes on for as long as its client has not heard it.
        for id in stride(from: UInt32(1), to: 20, by: 2) {
            talk.receive(.head(id, Talk.head()))
            for _ in 0..<60 { talk.receive(.data(id, data, end: false)) }
        }
        #expect(windows(talk.takeSaid(0)) > 4 << 20)
        talk.receive(Talk.call(21))
        #expect(talk.takeHeard().last == .unload(21))
    }
}
