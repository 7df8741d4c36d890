import Calls
import Testing

@testable import GRPC

struct MessageTests {
    private static func call(_ id: UInt32, data: [UInt8], _ more: [(String, String)] = []) -> [UInt8] {
        Frame.head(id, Talk.head(Talk.unloadPath, more)).bytes + Frame.data(id, data).bytes
    }

    /// A request that is refused without a word to anybody else, whatever else the connection does.
    private func expectRefusal(_ data: [UInt8], _ refusal: Refusal, _ more: [(String, String)] = []) {
        guard case .status(let status) = refusal else { preconditionFailure("no status") }
        let outcome = outcome(of: Self.call(1, data: data, more) + Talk.call(3), streams: [1]) {
            $0.requestLength = 1_000
        }
        #expect(outcome.heard == [.refused(1), .unload(3)])
        #expect(outcome.said[0].first == Said.failure(status)[0])
    }

    @Test(arguments: [("gzip", 31), ("deflate", 15)] as [(String, Int32)])
    func `a compressed message is unpacked`(encoding: String, windowBits: Int32) {
        let payload = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        for payload in [payload, [], [1]] {
            let data = message(pack(payload, windowBits: windowBits), flag: 1)
            let heard = outcome(of: Self.call(1, data: data, [("grpc-encoding", encoding)]), streams: []).heard
            #expect(heard == [.unload(1, payload: payload)])
        }
    }

    @Test func `an encoding leaves messages alone that do not say they are compressed`() {
        let bytes = Self.call(1, data: message([1, 2]), [("grpc-encoding", "gzip")])
        #expect(outcome(of: bytes, streams: []).heard == [.unload(1, payload: [1, 2])])
    }

    @Test func `the messages of a stream are unpacked, each by itself`() {
        let head = Frame.head(1, Talk.head(Talk.reflectionPath, [("grpc-encoding", "gzip")])).bytes
        let data =
            message(pack([1], windowBits: 31), flag: 1) + message([2])
            + message(pack([3], windowBits: 31), flag: 1)
        let heard = outcome(of: head + Frame.data(1, data).bytes, streams: []).heard
        #expect(
            heard == [
                .requestStream(1, method: "ServerReflectionInfo"), .message(1, [1]), .message(1, [2]), .message(1, [3]),
                .endOfRequest(1),
            ]
        )
    }

    @Test func `compression that is broken or not announced is refused`() {
        let packed = pack([1, 2, 3], windowBits: 31)
        let gzip = [("grpc-encoding", "gzip")]
        expectRefusal(message(packed, flag: 1), .compressedWithoutEncoding)
        expectRefusal(message(packed, flag: 1), .compressedWithoutEncoding, [("grpc-encoding", "identity")])
        expectRefusal(message([1, 2, 3], flag: 1), .brokenCompression, gzip)
        expectRefusal(message([], flag: 1), .brokenCompression, gzip)
        expectRefusal(message(Array(packed.dropLast()), flag: 1), .brokenCompression, gzip)
        expectRefusal(message(packed + [0], flag: 1), .brokenCompression, gzip)
        expectRefusal(message(packed, flag: 1), .brokenCompression, [("grpc-encoding", "deflate")])
    }

    @Test func `a bomb is not unpacked beyond the limit`() {
        let packed = pack([UInt8](repeating: 0, count: 100_000), windowBits: 31)
        #expect(packed.count < 1_000)
        expectRefusal(message(packed, flag: 1), .unpackedTooLong(limit: 1_000), [("grpc-encoding", "gzip")])
        let fits = pack([UInt8](repeating: 0, count: 1_000), windowBits: 31)
        let bytes = Self.call(1, data: message(fits, flag: 1), [("grpc-encoding", "gzip")])
        let heard = outcome(of: bytes, streams: []) { $0.requestLength = 1_000 }.heard
        #expect(heard == [.unload(1, payload: [UInt8](repeating: 0, count: 1_000))])
    }

    @Test func `a message over the limit is refused at its prefix, and one at the limit is not`() {
        let limit = [UInt8](repeating: 7, count: 1_000)
        let heard = outcome(of: Talk.call(1, limit), streams: []) { $0.requestLength = 1_000 }.heard
        #expect(heard == [.unload(1, payload: limit)])
        expectRefusal([0, 0, 0, 3, 0xE9], .messageTooLong(1_001, limit: 1_000))
        expectRefusal([0, 0xFF, 0xFF, 0xFF, 0xFF], .messageTooLong(4_294_967_295, limit: 1_000))
    }

    @Test(arguments: [2, 3, 128, 255] as [UInt8])
    func `a flag without a meaning is refused`(flag: UInt8) {
        expectRefusal(message([], flag: flag), .badFlag(flag))
    }

    @Test func `a message that is cut off is refused`() {
        expectRefusal([0], .messageCutOff)
        expectRefusal([0, 0, 0, 0], .messageCutOff)
        expectRefusal([0, 0, 0, 0, 2, 1], .messageCutOff)
    }

    @Test func `a request has one message`() {
        expectRefusal(message([1]) + message([2]), .twoMessages)
        expectRefusal(message([1]) + [0], .twoMessages)
        expectRefusal([], .noMessage)
        let noData = Frame.head(1, Talk.head(), end: true).bytes
        #expect(outcome(of: noData, streams: []).heard == [.refused(1)])
    }

    @Test func `the codes and reasons are those that are promised`() {
        func pair(_ refusal: Refusal) -> [String] {
            guard case .status(let status) = refusal else { preconditionFailure("no status") }
            return ["\(status.code)", status.reason.rawValue]
        }
        for refusal in [Refusal.compressedWithoutEncoding, .brokenCompression, .messageCutOff, .badFlag(2)] {
            #expect(pair(refusal) == ["internal", "BAD_REQUEST"])
        }
        for refusal in [Refusal.noMessage, .twoMessages, .unknownEncoding] {
            #expect(pair(refusal) == ["unimplemented", "BAD_REQUEST"])
        }
        for refusal in [Refusal.messageTooLong(2, limit: 1), .unpackedTooLong(limit: 1)] {
            #expect(pair(refusal) == ["resourceExhausted", "FRAME_TOO_LARGE"])
        }
        #expect(pair(.headTooLong) == ["resourceExhausted", "LIMIT_REACHED"])
        #expect(pair(.badTimeout) == ["invalidArgument", "BAD_REQUEST"])
    }

    @Test func `a request of 4 MiB comes through, and nothing of it is kept`() {
        let payload = [UInt8](repeating: 7, count: 4_194_304)
        let whole = message(payload)
        let talk = Talk()
        talk.receive(.head(1, Talk.head()))
        for start in stride(from: 0, to: whole.count, by: 16_384) {
            let end = min(start + 16_384, whole.count)
            talk.receive(.data(1, Array(whole[start..<end]), end: end == whole.count))
            // What has come is all that is kept of what was announced.
            #expect(talk.session.unfinishedByteCount <= end)
        }
        #expect(talk.takeHeard() == [.unload(1, payload: payload)])
        #expect(talk.session.unfinishedByteCount == 0)
        // The client's windows are opened again as it sends.
        #expect(talk.takeSaid(0).contains { if case .windowUpdate = $0 { true } else { false } })
        #expect(talk.takeSaid(1).count > 2)
    }

    @Test func `requests that are not whole may hold so much together`() {
        let talk = Talk { $0.unfinishedBytes = 1_000 }
        for id in [1, 3, 5] as [UInt32] {
            talk.receive(
                .head(id, Talk.head()),
                .data(id, Array(message([UInt8](repeating: 1, count: 500))[..<405]), end: false)
            )
        }
        #expect(talk.takeHeard() == [.refused(5)])
        #expect(talk.session.unfinishedByteCount == 800)
        talk.receive(.reset(1, 8))
        #expect(talk.session.unfinishedByteCount == 400)
        talk.receive(.data(3, [UInt8](repeating: 1, count: 100)))
        #expect(talk.session.unfinishedByteCount == 0)
        #expect(talk.takeHeard() == [.unload(3, payload: [UInt8](repeating: 1, count: 500))])
    }
}
