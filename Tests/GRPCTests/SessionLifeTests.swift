import Calls
import Testing

@testable import GRPC

/// How a session begins, waits and ends.
struct SessionLifeTests {
    private static let waitingCall = Frame.head(1, Talk.head(Talk.unloadPath, [("grpc-timeout", "5S")]))
    private static let second: UInt64 = 1_000_000_000

    @Test func `what does not begin as HTTP2 does is over`() {
        let talk = Talk(greeting: false)
        talk.receive(Array("PRI * HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
        #expect(talk.takeHeard() == [.closed(.notHTTP2)])
        let noSettings = Talk(greeting: false)
        noSettings.receive(Frame.preface + Talk.call(1))
        #expect(noSettings.takeHeard() == [.closed(.violation(ErrorCode.protocolError))])
    }

    private static let violations: [(Frame, UInt32)] = [
        (Frame(kind: .ping, payload: [1]), 6),
        (Frame.data(0, [1]), 1),
        (Frame.data(5, [1]), 1),
        (Frame(kind: .headers, flags: 4, id: 2, payload: []), 1),
        (Frame(kind: .headers, flags: 4, id: 1, payload: [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]), 9),
        (Frame(kind: .continuation, id: 1), 1),
        (Frame(kind: .pushPromise, flags: 4, id: 1, payload: [0, 0, 0, 2]), 1),
        (Frame(kind: .settings, id: 1), 1),
        (Frame.settings([(4, 0x8000_0000)]), 3),
        (Frame.windowUpdate(0, 0), 1),
        (Frame(kind: .data, id: 1, payload: [UInt8](repeating: 0, count: 16_385)), 6),
    ]

    @Test(arguments: violations.indices)
    func `a violation of HTTP2 ends the session with a GOAWAY`(index: Int) {
        let (frame, code) = Self.violations[index]
        let outcome = outcome(of: frame.bytes + Talk.call(7), streams: [0])
        #expect(outcome.heard == [.closed(.violation(code))])
        guard case .goaway(_, code: code)? = outcome.said[0].last else {
            Issue.record("\(outcome.said)")
            return
        }
    }

    @Test func `a frame, a preface and a head that are not whole are waited for`() {
        let talk = Talk(greeting: false)
        #expect(talk.session.isMidFrame)
        talk.receive(Array(Frame.preface[..<10]))
        #expect(talk.session.isMidFrame)
        talk.receive(Frame.preface[10...] + Frame.settings().bytes)
        #expect(!talk.session.isMidFrame)
        talk.receive([0, 0])
        #expect(talk.session.isMidFrame)
        talk.receive([8, 6, 0, 0, 0, 0, 0, 1])
        #expect(talk.session.isMidFrame)
        talk.receive([1, 2, 3, 4, 5, 6, 7])
        #expect(!talk.session.isMidFrame)
        #expect(talk.takeSaid(0).last == .ping([1, 1, 2, 3, 4, 5, 6, 7], isAnswer: true))
    }

    @Test func `a call without an end ends with its deadline`() {
        let talk = Talk()
        talk.receive(Self.waitingCall.bytes + Frame.data(1, message([]), end: false).bytes)
        #expect(talk.session.nextDeadline == talk.now + 5 * Self.second)
        talk.wait(milliseconds: 4_999)
        talk.session.expire(now: talk.now)
        #expect(talk.takeSaid(1) == [])
        talk.wait(milliseconds: 1)
        talk.session.expire(now: talk.now)
        guard case .status(let status) = Refusal.deadline else { preconditionFailure("no status") }
        #expect(talk.takeSaid(1) == Said.earlyFailure(status))
        #expect(status.code == .deadlineExceeded && status.reason == .deadlineExceeded && status.requestSent == false)
        #expect(talk.takeHeard() == [.refused(1)])
        #expect(talk.session.nextDeadline == nil)
    }

    @Test func `the default bounds a call that does not say, but neither a watch nor a request stream`() {
        let talk = Talk { $0.defaultTimeout = 7 * Self.second }
        talk.receive(.head(1, Talk.head(Talk.watchPath)), .head(3, Talk.head(Talk.reflectionPath)))
        #expect(talk.session.nextDeadline == nil)
        talk.receive(.head(5, Talk.head()))
        #expect(talk.session.nextDeadline == talk.now + 7 * Self.second)
    }

    @Test func `a call has the time that is left when it begins`() {
        let talk = Talk { $0.defaultTimeout = 7 * Self.second }
        talk.receive(Self.waitingCall, .head(3, Talk.head()))
        talk.wait(milliseconds: 2_000)
        talk.receive(.data(1, message([])), .data(3, message([])))
        #expect(
            talk.takeHeard() == [.unload(1, .nanoseconds(3 * Self.second)), .unload(3, .nanoseconds(5 * Self.second))]
        )
        // From now on it is the affair of whoever has got it.
        #expect(talk.session.nextDeadline == nil)
    }

    @Test func `an answer that waits for its window until the deadline is reset`() {
        let talk = Talk(settings: [(4, 2)])
        talk.receive(Self.waitingCall, .data(1, message([])))
        talk.complete(1, [1, 2, 3])
        #expect(talk.session.nextDeadline == talk.now + 5 * Self.second)
        talk.wait(milliseconds: 5_000)
        talk.session.expire(now: talk.now)
        #expect(talk.takeSaid(1).last == .reset(ErrorCode.cancel))
    }

    @Test func `a window that stays shut ends its stream, and one that opens now and then does not`() {
        let talk = Talk(settings: [(4, 2)]) { $0.readTime = 3 * Self.second }
        talk.receive(Talk.call(1) + Talk.call(3))
        _ = talk.takeHeard()
        talk.send(1, [1, 2, 3])
        talk.send(3, [1, 2, 3])
        talk.wait(milliseconds: 2_000)
        talk.receive(.windowUpdate(3, 1))
        talk.wait(milliseconds: 1_000)
        #expect(talk.session.nextDeadline == talk.now)
        talk.session.expire(now: talk.now)
        talk.listen()
        #expect(talk.takeHeard() == [.cancelled(1)])
        #expect(talk.takeSaid(1).last == .reset(ErrorCode.cancel))
        #expect(talk.session.nextDeadline == talk.now + 2 * Self.second)
    }

    @Test func `what a refusal says is counted while its window is shut, and waits no longer than answers do`() {
        let talk = Talk(settings: [(4, 10)]) { $0.readTime = 3 * Self.second }
        let head = Talk.head().filter { $0.0 != "content-type" }
        talk.receive(.head(1, head), .head(3, head, end: true))
        #expect(talk.takeHeard() == [.refused(1), .refused(3)])
        let waiting = talk.session.waitingByteCount
        #expect(waiting > 0 && waiting == 2 * talk.session.waitingByteCount(of: CallKey(1)))
        #expect(talk.session.waitingMemory >= waiting)
        talk.wait(milliseconds: 1_000)
        talk.receive(.windowUpdate(3, 1))
        talk.wait(milliseconds: 2_000)
        #expect(talk.session.nextDeadline == talk.now)
        talk.session.expire(now: talk.now)
        #expect(talk.takeSaid(1).last == .reset(ErrorCode.cancel))
        #expect(talk.session.waitingByteCount == waiting / 2 - 1)
        talk.receive(.windowUpdate(3, 1_000))
        guard case .data(_, end: true) = talk.takeSaid(3).last else { preconditionFailure("the text has no end") }
        #expect(talk.session.waitingByteCount == 0 && talk.session.waitingMemory == 0)
        #expect(talk.session.streams.isEmpty)
    }

    @Test func `a message that does not become whole in time ends its call`() {
        let talk = Talk { $0.messageTime = 3 * Self.second }
        talk.receive(.head(1, Talk.head()), .head(3, Talk.head(Talk.reflectionPath)))
        #expect(talk.session.nextDeadline == nil)
        talk.receive(.data(1, [0, 0], end: false), .data(3, message([1]) + [0], end: false))
        #expect(talk.session.nextDeadline == talk.now + 3 * Self.second)
        talk.wait(milliseconds: 3_000)
        talk.session.expire(now: talk.now)
        talk.listen()
        #expect(
            talk.takeHeard() == [
                .requestStream(3, method: "ServerReflectionInfo"), .message(3, [1]), .refused(1), .refused(3),
            ]
        )
        guard case .status(let status) = Refusal.messageTooSlow else { preconditionFailure("no status") }
        #expect(talk.takeSaid(1) == Said.earlyFailure(status))
    }

    @Test func `a client's reset is told, but not of what nobody has been given`() {
        let talk = Talk()
        talk.receive(Talk.call(1) + Frame.reset(1, 8).bytes)
        talk.receive(.head(3, Talk.head()), .reset(3, 8))
        talk.receive(.head(5, Talk.head(Talk.reflectionPath)), .reset(5, 8))
        let reflection = Heard.requestStream(5, method: "ServerReflectionInfo")
        #expect(talk.takeHeard() == [.unload(1), .cancelled(1), reflection, .cancelled(5)])
    }

    @Test func `a drain takes what comes before its PING is answered, and ends when all is answered`() {
        let talk = Talk()
        talk.receive(Talk.call(1))
        _ = talk.takeSaid(0)
        talk.session.startDraining(now: talk.now)
        let said = talk.takeSaid(0)
        #expect(said.count == 2 && said.contains(.goaway(last: 0x7FFF_FFFF, code: 0)))
        let ping = said.compactMap { if case .ping(let data, isAnswer: false) = $0 { data } else { nil } }
        talk.receive(Talk.call(3) + Frame(kind: .ping, flags: 1, payload: ping[0]).bytes + Talk.call(5))
        #expect(talk.takeHeard() == [.unload(1), .unload(3)])
        #expect(talk.takeSaid(0) == [.goaway(last: 3, code: 0)])
        talk.complete(1, [])
        #expect(talk.takeSaid(1) == Said.answer([]))
        #expect(talk.takeHeard() == [])
        talk.complete(3, [])
        #expect(talk.takeSaid(3) == Said.answer([]))
        #expect(talk.takeHeard() == [.closed(.finished)])
    }

    @Test func `a PING that is not answered is waited for 200 ms`() {
        let talk = Talk()
        talk.session.startDraining(now: talk.now)
        #expect(talk.session.nextDeadline == talk.now + 200 * Talk.millisecond)
        talk.receive(Frame(kind: .ping, flags: 1, payload: [UInt8](repeating: 0, count: 8)))
        talk.wait(milliseconds: 199)
        talk.session.expire(now: talk.now)
        #expect(talk.takeHeard() == [])
        talk.receive(Talk.call(1))
        talk.wait(milliseconds: 1)
        talk.session.expire(now: talk.now)
        #expect(talk.takeSaid(0).last == .goaway(last: 1, code: 0))
        talk.complete(1, [])
        talk.listen()
        #expect(talk.takeHeard() == [.unload(1), .closed(.finished)])
    }

    @Test func `an idle session that is drained is over at once`() {
        let talk = Talk()
        talk.session.startDraining(now: talk.now)
        talk.wait(milliseconds: 200)
        talk.session.expire(now: talk.now)
        talk.listen()
        #expect(talk.takeHeard() == [.closed(.finished)])
    }

    @Test func `nghttp2's memory is counted, comes back, and is used again`() {
        let pool = SessionPool()
        do {
            let talk = Talk(pool: pool)
            talk.receive(Talk.call(1, [], [("x-long", String(repeating: "v", count: 1_000))]))
            talk.complete(1, [])
            _ = talk.takeSaid(1)
            let idle = talk.session.heldByteCount
            #expect(15_000..<60_000 ~= idle)
            for id in 1..<200 as Range<UInt32> {
                talk.receive(Frame.head(2 * id + 1, Talk.head()).bytes)
            }
            #expect(talk.session.heldByteCount > idle + 200 * 200)
            for id in 1..<200 as Range<UInt32> { talk.receive(.reset(2 * id + 1, 8)) }
            #expect(talk.session.heldByteCount <= idle + 8_192)
            #expect(talk.session.unfinishedByteCount == 0)
        }
        #expect(1...262_144 ~= pool.keptByteCount)
    }

    @Test func `a session that goes in the middle of things leaves nothing behind`() {
        let talk = Talk(settings: [(4, 2)])
        talk.receive(Talk.call(1) + Frame.head(3, Talk.head()).bytes + Frame.data(3, [0, 0], end: false).bytes)
        talk.complete(1, [1, 2, 3])
        talk.receive([0, 0, 1])
        #expect(talk.session.streams.count == 2)
    }
}
