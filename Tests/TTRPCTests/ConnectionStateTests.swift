import Calls
import Testing

@testable import TTRPC

struct ConnectionStateTests {
    private static let tooLong = FrameHeader.maximumLength + 1

    /// What a frame is answered with, without the wording.
    private enum Verdict: Equatable {
        case dispatch
        case ignore
        case refuse(Status.Code, Status.Reason)

        static let badRequest = Verdict.refuse(.invalidArgument, .badRequest)
        static let tooLarge = Verdict.refuse(.resourceExhausted, .frameTooLarge)

        init(_ action: ConnectionState.Action) {
            switch action {
            case .dispatch: self = .dispatch
            case .ignore: self = .ignore
            case .refuse(let status): self = .refuse(status.code, status.reason)
            }
        }
    }

    private func verdicts(_ frames: [(FrameType, UInt32, Int)]) -> [Verdict] {
        var state = ConnectionState()
        return frames.map { type, streamID, length in
            Verdict(state.receive(FrameHeader(length: length, streamID: streamID, type: type)))
        }
    }

    @Test func `requests with odd, rising ids go on, up to the last id there is`() {
        let frames: [(FrameType, UInt32, Int)] = [
            (.request, 1, 0), (.request, 3, 10), (.request, 101, FrameHeader.maximumLength),
            (.request, 4_294_967_293, 0), (.request, 4_294_967_295, 0), (.request, 4_294_967_295, 0), (.request, 1, 0),
        ]
        #expect(
            verdicts(frames) == [.dispatch, .dispatch, .dispatch, .dispatch, .dispatch, .badRequest, .badRequest]
        )
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7, 255] as [UInt8])
    func `flags do not decide what a request is`(flags: UInt8) {
        var state = ConnectionState()
        let flags = FrameFlags(rawValue: flags)
        #expect(state.receive(FrameHeader(length: 0, streamID: 1, type: .request, flags: flags)) == .dispatch)
    }

    @Test func `even ids are refused and use up nothing`() {
        let frames: [(FrameType, UInt32, Int)] = [
            (.request, 0, 0), (.request, 2, 0), (.request, 4_294_967_294, 0), (.data, 4, 0), (.request, 1, 0),
        ]
        #expect(verdicts(frames) == [.badRequest, .badRequest, .badRequest, .badRequest, .dispatch])
    }

    @Test func `a reused id is refused, and an unused lower one goes on`() {
        let frames: [(FrameType, UInt32, Int)] = [
            (.request, 5, 0), (.request, 5, 0), (.request, 3, 0), (.request, 3, 0), (.request, 1, 0), (.request, 1, 0),
            (.request, 7, 0),
        ]
        #expect(
            verdicts(frames)
                == [.dispatch, .badRequest, .dispatch, .badRequest, .dispatch, .badRequest, .dispatch]
        )
    }

    @Test func `an id more than 254 below the highest is refused, and uses up nothing`() {
        let frames: [(FrameType, UInt32, Int)] = [
            (.request, 1001, 0), (.request, 745, 0), (.request, 747, 0), (.request, 747, 0), (.request, 1003, 0),
            (.request, 747, 0), (.request, 749, 0),
        ]
        #expect(
            verdicts(frames)
                == [.dispatch, .badRequest, .dispatch, .badRequest, .dispatch, .badRequest, .dispatch]
        )
    }

    @Test func `data frames are refused, before their stream, during it and after, and use up nothing`() {
        let frames: [(FrameType, UInt32, Int)] = [
            (.data, 1, 0), (.request, 1, 0), (.data, 1, 5), (.data, 99, 0), (.request, 3, 0),
        ]
        #expect(verdicts(frames) == [.badRequest, .dispatch, .badRequest, .badRequest, .dispatch])
    }

    @Test func `response frames and unknown types are ignored, whatever their id, and use up nothing`() {
        let unknown = FrameType(rawValue: 4)
        let frames: [(FrameType, UInt32, Int)] = [
            (.response, 1, 0), (.response, 2, 0), (FrameType(rawValue: 0), 3, 0), (unknown, 0, 1),
            (FrameType(rawValue: 255), 4_294_967_295, 0), (.request, 1, 0),
        ]
        #expect(verdicts(frames) == [.ignore, .ignore, .ignore, .ignore, .ignore, .dispatch])
    }

    @Test func `an oversize request uses its id up if that is odd and would go on`() {
        let frames: [(FrameType, UInt32, Int)] = [
            (.request, 3, Self.tooLong), (.request, 3, 0), (.request, 2, Self.tooLong), (.request, 1, Self.tooLong),
            (.request, 1, 0), (.request, 5, 0),
        ]
        #expect(verdicts(frames) == [.tooLarge, .badRequest, .tooLarge, .tooLarge, .badRequest, .dispatch])
    }

    @Test func `the length is looked at before the type, and other oversize frames use up nothing`() {
        let frames: [(FrameType, UInt32, Int)] = [
            (.response, 9, Self.tooLong), (.data, 9, Self.tooLong), (FrameType(rawValue: 77), 8, 0xFF_FFFF),
            (.request, 9, FrameHeader.maximumLength),
        ]
        #expect(verdicts(frames) == [.tooLarge, .tooLarge, .tooLarge, .dispatch])
    }

    @Test func `a refusal says what was wrong`() {
        var state = ConnectionState()
        _ = state.receive(FrameHeader(length: 0, streamID: 1007, type: .request))
        let cases: [(FrameType, UInt32, Int, String)] = [
            (.request, 4, 0, "stream id 4: must be odd, as it comes from a client"),
            (.request, 1007, 0, "stream id 1007: has been used; each call needs one of its own"),
            (.request, 751, 0, "stream id 751: must be 753 or above by now"),
            (.data, 9, 0, "stream id 9: takes no data frames"),
            (.request, 9, 5_000_000, "frame of 5000000 bytes: at most 4194304 are accepted"),
        ]
        for (type, streamID, length, message) in cases {
            let header = FrameHeader(length: length, streamID: streamID, type: type)
            guard case .refuse(let status) = state.receive(header) else {
                Issue.record("\(header) was not refused")
                continue
            }
            #expect(status.message == message)
        }
    }
}
