package import Bytes
package import Calls

/// The server's side of one ttrpc connection: what arrives becomes events, and what is answered becomes frames.
///
/// It is asked for one event at a time and calls nobody, so whoever handles an event is free to do anything:
///
///     while let event = session.next(&unread) { … }
package final class ServerSession {
    package enum Event {
        /// A request has come: `request`.
        case call
        /// The session has refused a frame of this call, and answered it. If the call is in flight, it ends without an
        /// answer of its own.
        case refused(CallKey, Status.Reason)
        /// A frame has come that means nothing.
        case nothing
        /// A large request has come, of so many bytes. It is the next event once `goOn` has been called, and nothing comes
        /// before that.
        case large(Int)
        /// This is another protocol.
        case notTTRPC
    }

    private var decoder: FrameDecoder
    private var streams: ConnectionState
    private var memo = RequestMemo()
    private let largeLength: Int
    /// A large request that has been announced. Its data lies in the decoder.
    private var large: (key: CallKey, data: UnsafeRawBufferPointer)?
    private var mayGoOn = false
    /// Frames that are to go out. Whoever sends them empties it.
    package var outgoing: OutgoingBytes

    /// - Parameters:
    ///   - maximumLength: the most data that the frame of a request may carry.
    ///   - largeLength: from so much data on a request is announced before it is looked at.
    ///   - pool: where what is to go out has its memory from.
    package init(
        maximumLength: Int = FrameHeader.maximumLength,
        largeLength: Int = .max,
        pool: OutgoingPool = OutgoingPool()
    ) {
        self.largeLength = largeLength
        outgoing = OutgoingBytes(pool: pool)
        decoder = FrameDecoder(maximumLength: maximumLength, keptLength: largeLength)
        streams = ConnectionState(maximumLength: maximumLength)
    }

    // MARK: - Frames in

    /// The one that has come. What it refers to is lent until the next call of `next`, and no longer than the bytes that were
    /// passed in.
    package var request: CallRequest {
        guard let request = memo.request else { preconditionFailure("no request has come") }
        return request
    }

    /// Part of a frame has arrived, and the rest is due.
    package var isMidFrame: Bool { decoder.isMidFrame }

    /// Bytes that are kept of a frame that has not come in whole.
    package var unfinishedByteCount: Int { decoder.unfinishedByteCount + (large?.data.count ?? 0) }

    /// The next event in `unread`, which then begins behind it, or nil when all of `unread` has been taken in.
    package func next(_ unread: inout UnsafeRawBufferPointer) -> Event? {
        if let (key, data) = large {
            guard mayGoOn else { return nil }
            large = nil
            return begin(key, data)
        }
        return switch decoder.next(&unread) {
        case .notTTRPC: .notTTRPC
        case .oversize(let header): receive(header, UnsafeRawBufferPointer(start: nil, count: 0))
        case .frame(let header, let data): receive(header, data)
        case nil: nil
        }
    }

    /// Has the large request come that was announced.
    package func goOn() {
        mayGoOn = true
    }

    private func receive(_ header: FrameHeader, _ data: UnsafeRawBufferPointer) -> Event {
        let key = CallKey(header.streamID)
        switch streams.receive(header) {
        case .ignore: return .nothing
        case .refuse(let status):
            fail(key, status)
            return .refused(key, status.reason)
        case .dispatch:
            guard data.count >= largeLength else { return begin(key, data) }
            large = (key, data)
            mayGoOn = false
            return .large(data.count)
        }
    }

    private func begin(_ key: CallKey, _ data: UnsafeRawBufferPointer) -> Event {
        do {
            try memo.read(key, data)
            return .call
        } catch {
            let message = "the envelope (ttrpc.Request) cannot be read: \(error)"
            fail(key, Status(.invalidArgument, .badRequest, message))
            return .refused(key, .badRequest)
        }
    }

    // MARK: - Frames out

    /// Whether the frame of an answer has room for a payload of `count` bytes.
    package static func fits(payload count: Int) -> Bool {
        ResponseEncoder.responseLength(payload: count) <= FrameHeader.maximumLength
    }

    /// Answers a unary call.
    package func complete(_ key: CallKey, _ payload: Payload) {
        if OutgoingBytes.isPiece(payload.bytes, of: payload.owner) {
            completeHead(key, payload: payload.count)
            outgoing.append(payload.bytes, of: payload.owner)
        } else {
            ResponseEncoder.appendResponse(payload.bytes, streamID: key.rawValue, to: &outgoing.own)
        }
    }

    /// What comes before the payload of an answer, for who sends the payload from where it is.
    package func completeHead(_ key: CallKey, payload count: Int) {
        ResponseEncoder.appendResponseHead(payload: count, streamID: key.rawValue, to: &outgoing.own)
    }

    /// Sends a message of a stream.
    package func send(_ key: CallKey, message: UnsafeRawBufferPointer) {
        ResponseEncoder.appendData(message, streamID: key.rawValue, to: &outgoing.own)
    }

    /// What comes before a message, for who sends the message from where it is.
    package func sendHead(_ key: CallKey, message count: Int) {
        ResponseEncoder.appendDataHead(payload: count, streamID: key.rawValue, to: &outgoing.own)
    }

    /// Ends a stream.
    package func complete(_ key: CallKey) {
        ResponseEncoder.appendEndOfStream(streamID: key.rawValue, to: &outgoing.own)
    }

    /// Ends a call of either kind with an error.
    package func fail(_ key: CallKey, _ status: Status) {
        ResponseEncoder.appendStatus(status, streamID: key.rawValue, to: &outgoing.own)
    }
}

extension CallTimeout {
    /// - Parameter nano: `timeout_nano` of a request.
    init(nano: Int64) {
        self =
            if nano == 0 { .unspecified } else if nano < 0 { .expired } else { .nanoseconds(UInt64(nano)) }
    }
}

/// It belongs to the loop's thread.
@available(*, unavailable) extension ServerSession: Sendable {}
