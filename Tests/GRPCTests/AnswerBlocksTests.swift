import Bytes
import Calls
import Testing

@testable import GRPC

/// What a client understands does not depend on whether a head or trailers are encoded or known.
struct AnswerBlocksTests {
    private static let initialWindow: UInt16 = 4

    /// Answers so many calls well, and says which frames the last answer is.
    @discardableResult
    private func answer(_ ids: [UInt32], of talk: Talk) -> [Frame] {
        var frames: [Frame] = []
        for id in ids {
            talk.receive(Talk.call(id))
            talk.complete(id, [7])
            frames = Frame.parse(talk.session.outgoing.joined)
            #expect(talk.takeSaid(id) == Said.answer([7]))
        }
        return frames
    }

    @Test func `an answer is the same frames each time, once the client knows the fields`() {
        let talk = Talk()
        answer([1, 3], of: talk)
        let encoded = answer([5], of: talk)
        #expect(encoded.map(\.payload.count) == [3, 6, 1])
        #expect(encoded.map(\.flags) == [Frame.endHeaders, 0, Frame.endHeaders | Frame.endStream])
        let known = answer([7], of: talk)
        #expect(known.map(\.payload) == encoded.map(\.payload))
        #expect(known.map(\.flags) == encoded.map(\.flags))
        #expect(known.map(\.id) == [7, 7, 7])
        #expect(talk.session.streams.isEmpty)
    }

    @Test func `nghttp2 encodes no head and no trailers that are known`() {
        let talk = Talk()
        answer([1, 3], of: talk)
        #expect(talk.session.answerBlocks.hasHead)
        #expect(talk.session.answerBlocks.hasTrailers)
    }

    @Test func `other answers in between change nothing`() {
        let talk = Talk()
        answer([1, 3, 5], of: talk)
        talk.receive(Talk.call(7))
        let status = Status(.notFound, .badRequest, "no")
        talk.session.fail(CallKey(7), status)
        #expect(talk.takeSaid(7) == Said.failure(status))
        #expect(!talk.session.answerBlocks.hasTrailers)
        answer([9, 11, 13], of: talk)
        talk.receive(.head(15, [(":method", "GET"), (":scheme", "http"), (":path", "/health")], end: true))
        talk.session.respond(CallKey(15), status: 200, contentType: "text/plain", body: [1])
        guard case .data([1], end: true)? = talk.takeSaid(15).last else { preconditionFailure("no text") }
        answer([17, 19, 21], of: talk)
    }

    @Test func `a table of another size is known to nobody`() {
        let talk = Talk()
        answer([1, 3, 5], of: talk)
        for (round, size) in ([0, 60, 200, 4_096, 64] as [UInt32]).enumerated() {
            talk.changeTableSize(to: size)
            answer((0..<5).map { 7 + 10 * UInt32(round) + 2 * $0 }, of: talk)
        }
    }

    @Test func `the trailers of a stream that has begun before the table's size changed are encoded anew`() {
        let talk = Talk()
        answer([1, 3, 5], of: talk)
        talk.receive(Talk.call(7))
        talk.send(7, [1])
        talk.changeTableSize(to: 0)
        talk.complete(7, [2])
        #expect(
            talk.takeSaid(7) == [
                .head(Said.answerHead, end: false), .data(message([1]), end: false), .data(message([2]), end: false),
                .head(["grpc-status: 0"], end: true),
            ]
        )
    }

    @Test func `trailers that are known wait behind the data, and go out alone without it`() {
        let talk = Talk(settings: [(Self.initialWindow, 16)])
        answer([1, 3, 5], of: talk)
        talk.receive(Talk.call(7) + Talk.call(9))
        talk.complete(7, [UInt8](repeating: 1, count: 40))
        let whole = message([UInt8](repeating: 1, count: 40))
        #expect(
            talk.takeSaid(7) == [.head(Said.answerHead, end: false), .data(Array(whole[..<16]), end: false)]
        )
        talk.receive(.windowUpdate(7, 28))
        #expect(talk.takeSaid(7) == [.data(Array(whole[16..<44]), end: false)])
        talk.receive(.windowUpdate(7, 1))
        #expect(talk.takeSaid(7) == [.data(Array(whole[44...]), end: false), .head(["grpc-status: 0"], end: true)])
        talk.send(9, [1])
        _ = talk.takeSaid(9)
        talk.session.complete(CallKey(9))
        #expect(talk.takeSaid(9) == [.head(["grpc-status: 0"], end: true)])
        #expect(talk.session.streams.isEmpty)
    }

    @Test func `a client that has not ended its side is told that it need not, behind the trailers`() {
        let talk = Talk()
        answer([1, 3, 5], of: talk)
        talk.receive(.head(7, Talk.head(Talk.reflectionPath)), .data(7, message([1]), end: false))
        talk.send(7, [2])
        _ = talk.takeSaid(7)
        talk.complete(7, [3])
        #expect(
            talk.takeSaid(7) == [
                .data(message([3]), end: false), .head(["grpc-status: 0"], end: true), .reset(0),
            ]
        )
    }
}
