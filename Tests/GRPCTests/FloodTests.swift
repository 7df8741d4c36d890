import Bytes
import Calls
import Testing

@testable import GRPC

struct FloodTests {
    private static func isCalm(_ talk: Talk) -> Bool { talk.session.end == nil }

    private static func expectFlood(_ talk: Talk, _ flood: Flood, last: UInt32? = nil) {
        #expect(talk.takeHeard().last == .closed(.flood(flood)))
        guard case .goaway(_, code: ErrorCode.enhanceYourCalm)? = talk.takeSaid(0).last else {
            Issue.record("no GOAWAY")
            return
        }
        // Nothing that comes then matters.
        talk.receive(Talk.call(999_999))
        #expect(talk.takeHeard() == [])
    }

    private static let floods: [(Flood, @Sendable (UInt32) -> [UInt8])] = [
        (.resets, { Talk.call(2 * $0 + 1) + Frame.reset(2 * $0 + 1, 8).bytes }),
        (.faults, { Frame.head(2 * $0 + 1, [(":test", "x")]).bytes }),
        (.faults, { Talk.call(2 * $0 + 1) + Frame.data(2 * $0 + 1, [0]).bytes }),
        (.faults, { Talk.call(2 * $0 + 1) + Frame.windowUpdate(2 * $0 + 1, 0x7FFF_FFFF).bytes }),
        (.pings, { _ in Frame(kind: .ping, payload: [UInt8](repeating: 1, count: 8)).bytes }),
        (.settings, { _ in Frame.settings().bytes }),
        (
            .emptyData,
            {
                $0 == 0
                    ? Frame.head(1, Talk.head()).bytes + Frame.data(1, [], end: false).bytes
                    : Frame.data(1, [], end: false).bytes
            }
        ),
        (
            .emptyData,
            {
                ($0 == 0 ? Frame.head(1, Talk.head()).bytes : [])
                    + Frame(kind: .data, flags: Frame.padded, id: 1, payload: [3, 0, 0, 0]).bytes
            }
        ),
        (.priorities, { _ in Frame(kind: .priority, id: 1, payload: [0, 0, 0, 3, 9]).bytes }),
        (.priorities, { _ in Frame(kind: .priorityUpdate, payload: Frame.big(1) + Array("u=1".utf8)).bytes }),
    ]

    @Test(arguments: floods.indices)
    func `a thousand at once are calm, three hundred a second more, and one more is too much`(index: Int) {
        let (flood, bytes) = Self.floods[index]
        let talk = Talk()
        // The settings that a client begins with are of its thousand.
        var count: UInt32 = flood == .settings ? 1 : 0
        for _ in count..<1_000 {
            talk.receive(bytes(flood == .settings ? 0 : count))
            count += 1
        }
        #expect(Self.isCalm(talk))
        talk.wait(milliseconds: 1_000)
        for _ in 0..<300 {
            talk.receive(bytes(count))
            count += 1
        }
        #expect(Self.isCalm(talk))
        talk.receive(bytes(count))
        Self.expectFlood(talk, flood)
    }

    @Test(arguments: [false, true])
    func `a call that has gone out in vain costs two resets`(isEndedByCharge: Bool) {
        let talk = Talk()
        for id in 0..<499 as Range<UInt32> {
            talk.receive(Self.floods[0].1(id))
            talk.session.chargeForWaste()
        }
        #expect(Self.isCalm(talk))
        talk.receive(Self.floods[0].1(499))
        if isEndedByCharge { talk.receive(Self.floods[0].1(500)) }
        #expect(Self.isCalm(talk))
        talk.session.chargeForWaste()
        #expect(Self.isCalm(talk) != isEndedByCharge)
        if !isEndedByCharge { talk.receive(Self.floods[0].1(500)) }
        talk.listen()
        Self.expectFlood(talk, .resets)
    }

    @Test func `three hundred a second may go on for ever`() {
        let talk = Talk()
        for id in 0..<5_000 as Range<UInt32> {
            talk.receive(Self.floods[0].1(id))
            talk.now += 3_333_334
        }
        #expect(Self.isCalm(talk))
    }

    @Test func `what is one frame behind the other in one read is counted too`() {
        let talk = Talk()
        talk.receive(
            [UInt8]((0..<5_000).flatMap { _ in Frame(kind: .ping, payload: [UInt8](repeating: 1, count: 8)).bytes })
        )
        #expect(talk.takeHeard() == [.closed(.flood(.pings))])
    }

    @Test func `five hundred deadlines that expire at once are no flood, and resets of the server's own never are`() {
        let talk = Talk()
        for round in 0..<10 as Range<UInt32> {
            let ids = (0..<500).map { 2 * (500 * round + $0) + 1 }
            for id in ids { talk.receive(.head(id, Talk.head(Talk.unloadPath, [("grpc-timeout", "1m")]))) }
            talk.wait(milliseconds: 1)
            talk.session.expire(now: talk.now)
            #expect(talk.takeSaid(ids[0]).count == 2)
        }
        #expect(Self.isCalm(talk))
    }

    @Test func `streams beyond the limit are refused, and the connection lives on`() {
        let talk = Talk { $0.calls = 2 }
        talk.receive(Talk.call(1) + Talk.call(3) + Talk.call(5))
        #expect(talk.takeHeard() == [.unload(1), .unload(3)])
        #expect(talk.takeSaid(5) == [.reset(ErrorCode.refusedStream)])
        talk.receive(Frame(kind: .settings, flags: Frame.acknowledgement))
        talk.receive(Talk.call(7))
        #expect(talk.takeSaid(7) == [.reset(ErrorCode.refusedStream)])
        talk.complete(1, [])
        talk.receive(Talk.call(9))
        #expect(talk.takeHeard() == [.unload(9)])
    }

    @Test func `a client that has not heard the limit may try as often as it likes, and then it may not`() {
        let talk = Talk { $0.calls = 1 }
        for id in 0..<3_000 as Range<UInt32> { talk.receive(Frame.head(2 * id + 1, Talk.head()).bytes) }
        #expect(Self.isCalm(talk))
        talk.receive(Frame(kind: .settings, flags: Frame.acknowledgement))
        for id in 3_000..<4_001 as Range<UInt32> { talk.receive(Frame.head(2 * id + 1, Talk.head()).bytes) }
        Self.expectFlood(talk, .faults)
    }

    @Test(arguments: [8, 9])
    func `a head has eight continuations at most`(count: Int) {
        let block = Frame.block(Talk.head())
        var bytes = Frame(kind: .headers, id: 1, payload: Array(block[..<10])).bytes
        for index in 1...count {
            let part = index < count ? [UInt8](block[10 * index..<10 * index + 10]) : [UInt8](block[(10 * index)...])
            bytes += Frame(kind: .continuation, flags: index < count ? 0 : Frame.endHeaders, id: 1, payload: part).bytes
        }
        let heard = outcome(of: bytes + Frame.data(1, message([])).bytes, streams: []).heard
        #expect(heard == (count == 8 ? [.unload(1)] : [.closed(.flood(.continuations))]))
    }

    @Test func `a head of empty continuations ends too`() {
        let talk = Talk()
        talk.receive(Frame(kind: .headers, id: 1).bytes)
        #expect(talk.session.isMidFrame)
        for _ in 0..<9 { talk.receive(Frame(kind: .continuation, id: 1).bytes) }
        Self.expectFlood(talk, .continuations)
    }

    @Test(arguments: [
        Frame(kind: .ping, payload: [UInt8](repeating: 1, count: 8)), Frame.settings(), Frame.head(1, Talk.head()),
    ])
    func `answers to what comes in one read do not gather where they are large`(frame: Frame) {
        let talk = Talk { $0.calls = 1 }
        talk.receive(Talk.call(1))
        let before = talk.session.heldByteCount
        let bytes = (1..<1_000 as Range<UInt32>).flatMap { number -> [UInt8] in
            var frame = frame
            // Each head is of a stream of its own, which is one too many.
            if frame.kind == .headers { frame.id = 2 * number + 1 }
            return frame.bytes
        }
        var most = 0
        bytes.withUnsafeBytes { bytes in
            var unread = bytes
            while talk.session.next(&unread, now: talk.now) != nil { most = max(most, talk.session.heldByteCount) }
        }
        #expect(most < before + 8_192)
        #expect(Self.isCalm(talk))
        #expect(Frame.parse(talk.session.outgoing.joined).count == 999)
    }
}
