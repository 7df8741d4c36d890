package import Calls

/// What a frame means for the connection it came on, by the rules for stream ids.
package struct ConnectionState {
    package enum Action: Equatable {
        /// A request that may go on: its envelope, service, method and payload have not been looked at.
        case dispatch
        case ignore
        /// Answer on this stream with the status. A call that is live under the id ends without an answer of its own,
        /// so that the id gets one.
        case refuse(Status)
    }

    private let maximumLength: Int
    private var usedIDs = StreamIDWindow()

    /// - Parameter maximumLength: the most data that a frame may carry.
    package init(maximumLength: Int = FrameHeader.maximumLength) {
        self.maximumLength = maximumLength
    }

    /// Judges a frame by its header, whether its data is there or too long to be.
    package mutating func receive(_ header: FrameHeader) -> Action {
        let streamID = header.streamID
        let use = header.type == .request && streamID % 2 == 1 ? usedIDs.use(streamID) : nil
        if header.length > maximumLength {
            return .refuse(frameTooLarge(header))
        }
        guard header.type == .request || header.type == .data else { return .ignore }
        if streamID % 2 == 0 {
            return .refuse(Self.badStreamID(streamID, "must be odd, as it comes from a client"))
        }
        return switch use {
        case nil: .refuse(Self.badStreamID(streamID, "takes no data frames"))
        case .first: .dispatch
        case .repeated: .refuse(Self.badStreamID(streamID, "has been used; each call needs one of its own"))
        case .tooLow(let lowest): .refuse(Self.badStreamID(streamID, "must be \(lowest) or above by now"))
        }
    }

    private static func badStreamID(_ streamID: UInt32, _ problem: String) -> Status {
        Status(.invalidArgument, .badRequest, "stream id \(streamID): \(problem)")
    }

    private func frameTooLarge(_ header: FrameHeader) -> Status {
        let message = "frame of \(header.length) bytes: at most \(maximumLength) are accepted"
        return Status(.resourceExhausted, .frameTooLarge, message)
    }
}
