internal import Bytes
internal import CNGHTTP2
internal import Calls

/// Frames out.
extension ServerSession {
    /// Appends to `outgoing` all that nghttp2 has to say.
    func send() {
        while nghttp2_session_want_write(http2) != 0 {
            var bytes: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(http2, &bytes)
            guard count > 0 else {
                if count < 0, end == nil { end(.failure) }
                break
            }
            append(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        guard end == nil, nghttp2_session_want_read(http2) == 0, nghttp2_session_want_write(http2) == 0 else { return }
        end(.finished)
    }

    /// Appends a frame of any kind but DATA.
    private func append(_ frame: UnsafeRawBufferPointer) {
        let header = FrameScanner.header(frame)
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            if header.endsStream, let stream = stream(header.streamID) { ended(stream) }
            guard header.length > 0 else { return answerBlocks.appendHead(frame, to: &outgoing) }
            answerBlocks.note(frame)
        case NGHTTP2_RST_STREAM.rawValue: sentReset(FrameScanner.word(0, of: frame))
        case NGHTTP2_GOAWAY.rawValue:
            let code = FrameScanner.word(1, of: frame)
            if code != NGHTTP2_NO_ERROR.rawValue, end == nil { end(.violation(code)) }
        default: break
        }
        outgoing.own.append(contentsOf: frame)
    }

    /// The last frame of a stream goes out.
    private func ended(_ stream: CallStream) {
        guard !stream.isEnded else { return }
        // RFC 9113, section 8.1: the client need not go on with what nobody reads.
        nghttp2_submit_rst_stream(http2, 0, stream.id, NGHTTP2_NO_ERROR.rawValue)
    }

    private func end(_ end: SessionEnd) {
        self.end = end
        events.append(.closed(end))
    }

    /// Ends the connection with a GOAWAY.
    func close(_ end: SessionEnd, _ code: nghttp2_error_code) {
        guard self.end == nil else { return }
        self.end(end)
        forgetArrived()
        nghttp2_session_terminate_session(http2, code.rawValue)
        send()
    }

    /// Counts one of what a client may send only so much of; false ends the session.
    func count(_ flood: Flood) -> Bool {
        floods[flood.rawValue].take(now: now) || flooded(flood)
    }

    /// A call is over for which Pieces OS has been asked in vain: that costs as much as another reset does. For who was told
    /// that it is cancelled.
    package func chargeForWaste() {
        if end == nil { _ = count(.resets) }
    }

    func flooded(_ flood: Flood) -> Bool {
        close(.flood(flood), NGHTTP2_ENHANCE_YOUR_CALM)
        return false
    }

    func resumeHeld() {
        guard !heldStreams.isEmpty, outgoing.count < limits.outgoingBytes else { return }
        let held = heldStreams
        heldStreams.removeAll(keepingCapacity: true)
        for stream in held {
            stream.isHeld = false
            nghttp2_session_resume_data(http2, stream.id)
        }
    }

    // MARK: - Fields

    func submitHead(of stream: CallStream) {
        stream.hasAnswered = true
        var provider = Self.dataProvider(of: stream)
        let fields = answerBlocks.hasHead ? HeaderFields.none : HeaderFields.goodHead
        nghttp2_submit_response(http2, stream.id, fields.baseAddress, fields.count, &provider)
    }

    /// The trailers; with the head in front of them, if nothing has been said on this stream.
    func submitEnd(of stream: CallStream) {
        let withHead = !stream.hasAnswered
        stream.hasAnswered = true
        stream.hasTrailers = true
        guard let failure = stream.failure else { return submitGoodEnd(of: stream, withHead: withHead) }
        let trailers = Trailers(failure.status)
        var fields = HeaderFields()
        if withHead {
            fields.add(":status", Array("200".utf8), isIndexed: true)
            fields.add("content-type", Array("application/grpc".utf8), isIndexed: true)
            fields.add("grpc-accept-encoding", Array("identity,deflate,gzip".utf8), isIndexed: true)
        }
        fields.add("grpc-status", trailers.code, isIndexed: true)
        fields.add("grpc-message", trailers.message)
        fields.add("grpc-status-details-bin", trailers.details)
        fields.with { fields, count in
            _ =
                withHead
                ? nghttp2_submit_response(http2, stream.id, fields, count, nil)
                : nghttp2_submit_trailer(http2, stream.id, fields, count)
        }
    }

    private func submitGoodEnd(of stream: CallStream, withHead: Bool) {
        if withHead {
            let fields = HeaderFields.goodEnd
            nghttp2_submit_response(http2, stream.id, fields.baseAddress, fields.count, nil)
        } else {
            let fields = HeaderFields.goodTrailers
            nghttp2_submit_trailer(http2, stream.id, fields.baseAddress, fields.count)
        }
    }

    // MARK: - What nghttp2 calls

    /// How much of a stream goes into its next DATA frame. The frame itself is written by `sendData`.
    func offerData(_ stream: CallStream, atMost limit: Int, _ flags: inout UInt32) -> Int {
        guard !stream.hasTrailers else { return Int(NGHTTP2_ERR_DEFERRED.rawValue) }
        let waiting = stream.messages.byteCount
        if waiting > 0, outgoing.count >= limits.outgoingBytes {
            if !stream.isHeld { heldStreams.append(stream) }
            stream.isHeld = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        let count = min(waiting, limit)
        if count == waiting, stream.isComplete {
            flags |= NGHTTP2_DATA_FLAG_EOF.rawValue
            if !stream.isText { flags |= endWithData(stream) }
        } else if count == 0 {
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        flags |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue
        return count
    }

    /// Nothing comes behind the next DATA of a call but its trailers. If they are known they go out with it, and the stream ends
    /// with that as far as nghttp2 knows.
    /// - Returns: what nghttp2 is told.
    private func endWithData(_ stream: CallStream) -> UInt32 {
        guard stream.failure == nil, answerBlocks.hasTrailers else {
            submitEnd(of: stream)
            return NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
        }
        stream.hasTrailers = true
        return 0
    }

    func sendData(_ stream: CallStream, _ head: UnsafeRawBufferPointer, _ count: Int) {
        let heldBefore = stream.messages.heldByteCount
        let isEnd = FrameScanner.endsStream(head)
        stream.messages.take(count, behind: head, endsStream: isEnd && stream.isText, into: &outgoing, countingIn: held)
        if isEnd {
            if !stream.isText { answerBlocks.appendTrailers(stream.id, to: &outgoing) }
            ended(stream)
        }
        waitingByteCount -= count
        waitingMemory += stream.messages.heldByteCount - heldBefore
        stream.lastProgress = now
        if stream.isHigh, stream.messages.byteCount <= limits.waitingBytes / 2 {
            stream.isHigh = false
            if stream.phase == .begun { events.append(.drained(stream.key)) }
        }
    }

    /// A reset is the client's fault unless it is the end of an answer, or of a wait. A client that has not heard how many calls
    /// it may have open cannot help what is refused.
    private func sentReset(_ code: UInt32) {
        switch code {
        case NGHTTP2_NO_ERROR.rawValue, NGHTTP2_CANCEL.rawValue: break
        case NGHTTP2_REFUSED_STREAM.rawValue where !hasSettled: break
        default:
            if end == nil, !floods[Flood.faults.rawValue].take(now: now) { faultsAreTooMany() }
        }
    }

    private func faultsAreTooMany() {
        end(.flood(.faults))
        nghttp2_session_terminate_session(http2, NGHTTP2_ENHANCE_YOUR_CALM.rawValue)
    }
}
