import Bytes
import Calls
import Testing

@testable import TTRPC

struct ServerSessionTests {
    /// What a session made of bytes: its events with copies of what was lent, and the frames that it answered.
    private struct Outcome: Equatable {
        var events: [Event] = []
        var answered: [UInt8] = []
    }

    private enum Event: Equatable {
        case call(UInt32, service: String, method: String, payload: [UInt8], CallTimeout, application: String?)
        case refused(UInt32)
        case notTTRPC
        case nothing
        case large(Int)

        init(_ event: borrowing ServerSession.Event, of session: ServerSession) {
            switch event {
            case .call:
                let request = session.request
                self = .call(
                    request.key.rawValue,
                    service: request.service.text,
                    method: request.method.text,
                    payload: Array(request.payload),
                    request.timeout,
                    application: request.metadata[.application].map(\.text)
                )
            case .refused(let key, _): self = .refused(key.rawValue)
            case .notTTRPC: self = .notTTRPC
            case .nothing: self = .nothing
            case .large(let count): self = .large(count)
            }
        }
    }

    /// What comes of bytes that arrive in reads of that size, which must not matter.
    private func outcome(of bytes: [UInt8], inReadsOf size: Int, maximumLength: Int) -> Outcome {
        let session = ServerSession(maximumLength: maximumLength)
        var outcome = Outcome()
        // Whoever hears of another protocol closes.
        for start in stride(from: 0, to: bytes.count, by: size) where outcome.events.last != .notTTRPC {
            bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { part in
                var unread = part
                while let event = session.next(&unread) { outcome.events.append(Event(event, of: session)) }
                #expect(unread.isEmpty)
            }
        }
        outcome.answered = session.outgoing.joined
        return outcome
    }

    /// The bytes whole, byte by byte, and in pieces between.
    private func outcome(of bytes: [UInt8], maximumLength: Int = FrameHeader.maximumLength) -> Outcome {
        let whole = outcome(of: bytes, inReadsOf: bytes.count, maximumLength: maximumLength)
        for size in [1, 2, 7, 11, 64] {
            #expect(outcome(of: bytes, inReadsOf: size, maximumLength: maximumLength) == whole)
        }
        return whole
    }

    private static let unload = Event.call(
        1,
        service: "pieces.models.v1.ModelsService",
        method: "UnloadModels",
        payload: [],
        .unspecified,
        application: nil
    )

    private static func status(_ streamID: UInt32, _ status: Status) -> [UInt8] {
        var bytes: [UInt8] = []
        ResponseEncoder.appendStatus(status, streamID: streamID, to: &bytes)
        return bytes
    }

    @Test func `a request becomes a call, with all that it says`() {
        let full = Event.call(
            3,
            service: "pieces.models.v1.ModelsService",
            method: "StreamModelsSnapshot",
            payload: [0x08, 0x96, 0x01],
            .nanoseconds(5_000_000_000),
            application: "x"
        )
        let bytes = GoldenFrame.unaryRequest.bytes + GoldenFrame.fullRequest.bytes
        #expect(outcome(of: bytes) == Outcome(events: [Self.unload, full]))
    }

    @Test func `what a client must not send is ignored where it means nothing`() {
        let bytes = GoldenFrame.unknownType.bytes + GoldenFrame.response.bytes + GoldenFrame.unaryRequest.bytes
        #expect(outcome(of: bytes) == Outcome(events: [.nothing, .nothing, Self.unload]))
    }

    @Test(arguments: [1, 7, 64, 1_000])
    func `a large request is announced, and nothing comes before it`(size: Int) {
        let long = wire("00 00 01 2c  00 00 00 01  01 00  1a a9 02") + [UInt8](repeating: 7, count: 297)
        let bytes = long + wire("00 00 00 00  00 00 00 03  01 00") + wire("00 00 00 00  00 00 00 05  4d 00")
        let session = ServerSession(largeLength: 300)
        var events: [Event] = []
        var rest = bytes[...]
        while true {
            // In memory of its own that is gone afterwards, so that a sanitizer sees who keeps it.
            let left = Array(rest.prefix(size)).withUnsafeBytes { part in
                var unread = part
                while let event = session.next(&unread) { events.append(Event(event, of: session)) }
                return unread.count
            }
            rest = rest.dropFirst(min(size, rest.count) - left)
            if events.last == .large(300) {
                let kept = session.unfinishedByteCount
                #expect(kept == 300)
                session.goOn()
            } else if rest.isEmpty {
                break
            }
        }
        let large = Event.call(
            1,
            service: "",
            method: "",
            payload: [UInt8](repeating: 7, count: 297),
            .unspecified,
            application: nil
        )
        let small = Event.call(3, service: "", method: "", payload: [], .unspecified, application: nil)
        #expect(events == [.large(300), large, small, .nothing])
        let kept = session.unfinishedByteCount
        #expect(kept == 0)
    }

    @Test func `an id that is used again is answered, and its call is refused`() {
        let bytes = GoldenFrame.unaryRequest.bytes + GoldenFrame.unaryRequest.bytes
        let outcome = outcome(of: bytes)
        #expect(outcome.events == [Self.unload, .refused(1)])
        #expect(outcome.answered.starts(with: wire("00 00 00")))
        #expect(Array(outcome.answered[4..<10]) == wire("00 00 00 01 02 00"))
    }

    @Test func `a frame that is too long costs its own stream alone`() {
        let long = wire("00 00 00 20  00 00 00 05  01 00") + [UInt8](repeating: 7, count: 32)
        let after = wire("00 00 00 02  00 00 00 07  01 00  12 00")
        let outcome = outcome(of: long + after, maximumLength: 31)
        let next = Event.call(7, service: "", method: "", payload: [], .unspecified, application: nil)
        #expect(outcome.events == [.refused(5), next])
        let message = "frame of 32 bytes: at most 31 are accepted"
        #expect(outcome.answered == Self.status(5, Status(.resourceExhausted, .frameTooLarge, message)))
    }

    @Test func `an envelope that cannot be read is answered, and uses its id up`() {
        let broken = wire("00 00 00 02  00 00 00 01  01 00  0a 05")
        let outcome = outcome(of: broken + GoldenFrame.unaryRequest.bytes)
        #expect(outcome.events == [.refused(1), .refused(1)])
        let message = "the envelope (ttrpc.Request) cannot be read: service: length goes beyond the end"
        #expect(outcome.answered.starts(with: Self.status(1, Status(.invalidArgument, .badRequest, message))))
    }

    @Test func `another protocol is known by its first byte`() {
        #expect(outcome(of: Array("GET / HTTP/1.1\r\n\r\n".utf8)).events.first == .notTTRPC)
    }

    @Test func `a negative timeout has expired, and none at all is unspecified`() {
        #expect(CallTimeout(nano: -1) == .expired)
        #expect(CallTimeout(nano: .min) == .expired)
        #expect(CallTimeout(nano: 0) == .unspecified)
        #expect(CallTimeout(nano: .max) == .nanoseconds(UInt64(Int64.max)))
    }

    @Test func `answers are frames, one behind the other`() {
        let session = ServerSession()
        wire("08 96 01").withUnsafeBytes { payload in
            session.complete(CallKey(1), Payload(lent: payload))
            session.send(CallKey(3), message: payload)
            session.send(CallKey(3), message: UnsafeRawBufferPointer(start: nil, count: 0))
            session.complete(CallKey(3))
        }
        let frames = [GoldenFrame.response, .data, .emptyMessage, .endOfStream]
        let sent = session.outgoing.joined
        #expect(sent == frames.flatMap(\.bytes))
    }

    @Test func `a head and the payload behind it are the same frame`() {
        let whole = ServerSession()
        let parted = ServerSession()
        wire("08 96 01").withUnsafeBytes { payload in
            whole.complete(CallKey(1), Payload(lent: payload))
            whole.send(CallKey(3), message: payload)
            parted.completeHead(CallKey(1), payload: payload.count)
            parted.outgoing.own += payload
            parted.sendHead(CallKey(3), message: payload.count)
            parted.outgoing.own += payload
        }
        let (one, other) = (whole.outgoing.joined, parted.outgoing.joined)
        #expect(one == other)
    }

    @Test(arguments: [4_095, 4_096])
    func `a large payload that somebody owns goes out from where it is`(size: Int) {
        let copied = ServerSession()
        let pieced = ServerSession()
        let payload = [UInt8](repeating: 7, count: size).withUnsafeBytes { SharedBytes(copying: $0) }
        for key in [CallKey(1), CallKey(3)] {
            copied.complete(key, Payload(lent: payload.bytes))
            pieced.complete(key, Payload(payload))
        }
        let (one, other) = (copied.outgoing.joined, pieced.outgoing.joined)
        #expect(one == other)
        let pieces = pieced.outgoing.pieces.map(\.bytes.baseAddress)
        #expect(pieces == (size < 4_096 ? [] : [payload.bytes.baseAddress, payload.bytes.baseAddress]))
    }

    @Test func `the largest payload fills a frame to the last byte`() {
        #expect(ServerSession.fits(payload: FrameHeader.maximumLength - 5))
        #expect(!ServerSession.fits(payload: FrameHeader.maximumLength - 4))
    }
}
