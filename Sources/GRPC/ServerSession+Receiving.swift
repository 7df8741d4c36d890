internal import Bytes
internal import CNGHTTP2
internal import Calls

/// Frames in: what may be fed to nghttp2, and what it makes of it.
extension ServerSession {
    @inline(__always)
    func receive(_ piece: FrameScanner.Piece) {
        if let header = piece.header, !admit(header) { return }
        let count = feed(piece)
        if case .due = drain { stopTakingCalls() }
        if hasEmptyData {
            hasEmptyData = false
            _ = self.count(.emptyData)
        }
        guard count < 0 else { return }
        switch nghttp2_error(Int32(count)) {
        case NGHTTP2_ERR_BAD_CLIENT_MAGIC: close(.notHTTP2, NGHTTP2_PROTOCOL_ERROR)
        default: close(.failure, NGHTTP2_INTERNAL_ERROR)
        }
    }

    /// - Returns: what nghttp2 does.
    @inline(__always)
    private func feed(_ piece: FrameScanner.Piece) -> Int {
        guard let header = piece.header, header.isHead else { return feed(piece.bytes) }
        let block = piece.wholeBlock
        if let block, header.streamID > newestID, lastBlock.equals(block) { return feedWithoutBlock(piece.bytes) }
        lastBlock.forget()
        memo.pause()
        let count = feed(piece.bytes)
        if let block, memo.isSame { lastBlock.remember(block) }
        return count
    }

    private func feed(_ bytes: UnsafeRawBufferPointer) -> Int {
        nghttp2_session_mem_recv(http2, bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count)
    }

    /// The head's fields are those of the one before. To nghttp2 it has none.
    private func feedWithoutBlock(_ frame: UnsafeRawBufferPointer) -> Int {
        memo.isKnown = true
        defer { memo.isKnown = false }
        return withUnsafeTemporaryAllocation(byteCount: FrameScanner.headerLength, alignment: 8) {
            $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: frame[..<FrameScanner.headerLength]))
            for index in 0..<FrameScanner.lengthLength { $0[index] = 0 }
            return feed(UnsafeRawBufferPointer($0))
        }
    }

    @inline(__always)
    private func admit(_ header: FrameScanner.Header) -> Bool {
        let isAcknowledgement = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_DATA.rawValue:
            refuseDataBehindEnd(header.streamID)
            return !isEmptyData(header) || count(.emptyData)
        case NGHTTP2_HEADERS.rawValue:
            continuations = 0
            isMidHead = header.flags & UInt8(NGHTTP2_FLAG_END_HEADERS.rawValue) == 0
        case NGHTTP2_CONTINUATION.rawValue:
            continuations += 1
            isMidHead = header.flags & UInt8(NGHTTP2_FLAG_END_HEADERS.rawValue) == 0
            if continuations > Flood.maximumContinuations { return flooded(.continuations) }
        case NGHTTP2_PRIORITY.rawValue, NGHTTP2_PRIORITY_UPDATE.rawValue: return count(.priorities)
        case NGHTTP2_RST_STREAM.rawValue: return count(.resets)
        case NGHTTP2_SETTINGS.rawValue: return isAcknowledgement || count(.settings)
        case NGHTTP2_PING.rawValue: return isAcknowledgement || count(.pings)
        default: break
        }
        return true
    }

    /// Nothing in it, and not the end either. One that is all padding is seen when it has come.
    private func isEmptyData(_ header: FrameScanner.Header) -> Bool {
        header.length == 0 && header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) == 0
    }

    /// nghttp2 would end the connection for it. A stream that is closed already is no matter to it.
    private func refuseDataBehindEnd(_ id: Int32) {
        guard let stream = stream(id), stream.isEnded else { return }
        reset(stream, NGHTTP2_PROTOCOL_ERROR)
    }

    /// What comes right behind the end with it is seen before a call is given out, so that nothing is carried out.
    func refuseDataBehindEnd(of stream: CallStream, _ next: FrameScanner.Header?) {
        guard stream.isEnded, let next, next.streamID == stream.id, next.type == NGHTTP2_DATA.rawValue else { return }
        reset(stream, NGHTTP2_PROTOCOL_ERROR)
    }

    // MARK: - What nghttp2 calls

    func beginHead(_ id: Int32, isRequest: Bool) -> Int32 {
        head = RequestHead()
        guard isRequest else {
            head.isTrailers = true
            return 0
        }
        newestID = id
        guard streams.count < openLimit else {
            nghttp2_submit_rst_stream(http2, 0, id, NGHTTP2_REFUSED_STREAM.rawValue)
            return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
        memo.begin()
        open(id)
        return 0
    }

    private func open(_ id: Int32) {
        let stream = pool.takeStream()
        stream.id = id
        stream.index = streams.count
        stream.arrival = now
        streams.append(stream)
        recent = stream
        nghttp2_session_set_stream_user_data(http2, id, Unmanaged.passUnretained(stream).toOpaque())
    }

    /// A field that is not that of the head before.
    func takeField(_ id: Int32, _ field: HeadMemo.Field) {
        guard let stream = stream(id) else { return }
        if memo.isRepeating { takeRepeated(of: stream) }
        if let use = head.take(field.nameBytes, field.valueBytes) { stream.keep(field, use) }
        memo.add(field)
    }

    private func takeRepeated(of stream: CallStream) {
        head = memo.endRepeating { stream.keep($0, $1) }
    }

    func takeData(_ id: Int32, _ bytes: UnsafeRawBufferPointer) {
        unconsumed += bytes.count
        if unconsumed >= Self.leastConsumed {
            nghttp2_session_consume_connection(http2, unconsumed)
            unconsumed = 0
        }
        guard let stream = stream(id) else { return }
        if stream.kind != .requestStream { consume(bytes.count, of: stream) }
        stream.receivedLength += UInt64(bytes.count)
        arrived = stream
        chunk = bytes
    }

    /// Bytes of a stream have been taken, and its window may open as far.
    func consume(_ count: Int, of stream: CallStream) {
        stream.unconsumed += count
        guard stream.unconsumed >= Self.leastConsumed else { return }
        nghttp2_session_consume_stream(http2, stream.id, stream.unconsumed)
        stream.unconsumed = 0
    }

    func received(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        let isEnd = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        let isAcknowledgement = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            guard let stream = stream(header.stream_id) else { return }
            if memo.isRepeating { takeRepeated(of: stream) }
            if isEnd { stream.isEnded = true }
            arrived = stream
            hasArrivedHead = true
        case NGHTTP2_DATA.rawValue:
            if isEnd {
                guard let stream = stream(header.stream_id) else { return }
                stream.isEnded = true
                arrived = stream
            } else if header.length > 0, header.length == frame.pointee.data.padlen {
                hasEmptyData = true
            }
        case NGHTTP2_SETTINGS.rawValue:
            if isAcknowledgement { hasSettled = true } else { answerBlocks.forget() }
        case NGHTTP2_PING.rawValue:
            if isAcknowledgement { receivedPingAnswer(frame.pointee.ping) }
        default: break
        }
    }

    func closed(_ id: Int32) {
        guard let stream = stream(id) else { return }
        if stream.phase == .begun, end == nil { events.append(.cancelled(stream.key)) }
        remove(stream)
    }

    private func remove(_ stream: CallStream) {
        unfinishedByteCount -= stream.countedBytes
        waitingByteCount -= stream.messages.byteCount
        waitingMemory -= stream.messages.heldByteCount
        if recent === stream { recent = nil }
        if arrived === stream { forgetArrived() }
        if stream.isHeld { heldStreams.removeAll { $0 === stream } }
        if !resumedStreams.isEmpty { resumedStreams.removeAll { $0 === stream } }
        let last = streams.removeLast()
        if last !== stream {
            last.index = stream.index
            streams[last.index] = last
        }
        stream.isGone = true
        if !stream.isLent { retire(stream) }
    }

    func forgetArrived() {
        arrived = nil
        isLargeAnnounced = false
        hasArrivedHead = false
        chunk = UnsafeRawBufferPointer(start: nil, count: 0)
        isChunkPostponed = false
    }
}
