internal import Bytes
internal import CNGHTTP2
internal import Calls

/// What has come of a stream is something to give out, an answer, or nothing yet.
extension ServerSession {
    func look(at stream: CallStream) -> Finding? {
        if hasArrivedHead {
            hasArrivedHead = false
            if let finding = lookAtHead(of: stream) { return finding }
            guard arrived === stream else { return nil }
        }
        let isReceiving = stream.phase == .receiving || (stream.phase == .begun && stream.kind == .requestStream)
        guard isReceiving else {
            forgetArrived()
            return nil
        }
        if mustWait(stream) {
            postpone(stream)
            return nil
        }
        if let finding = lookAtData(of: stream) { return finding }
        guard arrived === stream else { return nil }
        if stream.isEnded, !isLargeAnnounced, let length = length(of: stream), length >= limits.largeLength {
            return announce(stream, length)
        }
        releasePostponed(of: stream)
        forgetArrived()
        if stream.isEnded { return finish(stream) }
        if stream.receivedLength > 0 { keepUnfinished(of: stream) }
        return nil
    }

    /// The bytes of its message, or how many they may become.
    private func length(of stream: CallStream) -> Int? {
        guard let count = stream.message?.count else { return nil }
        return stream.isCompressed ? min(count * Inflation.mostGrowth, limits.requestLength) : count
    }

    // MARK: - Heads

    private func lookAtHead(of stream: CallStream) -> Finding? {
        if head.isMalformed || (head.isTrailers && !stream.isEnded) {
            reset(stream, NGHTTP2_PROTOCOL_ERROR)
            return nil
        }
        guard !head.isTrailers else { return nil }
        stream.phase = .receiving
        stream.contentLength = head.contentLength
        stream.isHead = head.method == .head
        return judgeHead(of: stream)
    }

    /// The order is that of design.md, section 2.
    private func judgeHead(of stream: CallStream) -> Finding? {
        if head.hasOrigin {
            refuse(stream, .forbidden)
        } else if head.method != .post {
            return judgePage(stream)
        } else if head.contentType != .grpc {
            refuse(stream, .unsupportedMediaType)
        } else if head.isTooLong {
            refuse(stream, .headTooLong)
        } else if let timeout = head.timeout, let encoding = head.encoding {
            return beginCall(stream, timeout, encoding)
        } else {
            refuse(stream, head.timeout == nil ? .badTimeout : .unknownEncoding)
        }
        return nil
    }

    private func judgePage(_ stream: CallStream) -> Finding? {
        guard head.method != .other, paths.isPage(stream.path) else {
            refuse(stream, .methodNotAllowed)
            return nil
        }
        stream.kind = .page
        return nil
    }

    private func beginCall(_ stream: CallStream, _ timeout: CallTimeout, _ encoding: RequestEncoding) -> Finding? {
        stream.timeout = timeout
        stream.encoding = encoding
        stream.deadline = deadline(of: stream)
        guard paths.takesStream(stream.path) else { return nil }
        stream.kind = .requestStream
        stream.operation = paths.operation(stream.path)
        stream.phase = .begun
        return .requestStream
    }

    private func deadline(of stream: CallStream) -> UInt64? {
        switch stream.timeout {
        case .expired: return stream.arrival
        case .nanoseconds(let timeout): return Self.sum(stream.arrival, timeout)
        case .unspecified:
            guard let timeout = limits.defaultTimeout, !paths.isUnbounded(stream.path) else { return nil }
            return Self.sum(stream.arrival, timeout)
        }
    }

    static func sum(_ time: UInt64, _ duration: UInt64) -> UInt64 {
        let (sum, isTooLong) = time.addingReportingOverflow(duration)
        return isTooLong ? .max : sum
    }

    // MARK: - Data

    private func lookAtData(of stream: CallStream) -> Finding? {
        if stream.kind == .page { return nil }
        if let length = stream.contentLength, stream.receivedLength > length {
            reset(stream, NGHTTP2_PROTOCOL_ERROR)
            return nil
        }
        while !chunk.isEmpty {
            guard stream.kind == .requestStream || stream.message == nil else {
                refuse(stream, .twoMessages)
                return nil
            }
            switch step(in: stream) {
            case .incomplete: break
            case .badFlag(let flag): refuse(stream, .badFlag(flag))
            case .tooLong(let length): refuse(stream, .messageTooLong(length, limit: limits.requestLength))
            case .message(let message, let isCompressed):
                stream.isCompressed = isCompressed
                guard stream.kind == .requestStream else {
                    stream.message = message
                    continue
                }
                return take(message, of: stream)
            }
            guard arrived === stream else { return nil }
        }
        return nil
    }

    /// The window of a stream of messages opens as they are taken.
    private func step(in stream: CallStream) -> MessageReader.Step {
        let count = chunk.count
        let step = stream.reader.next(&chunk, limit: limits.requestLength)
        if stream.kind == .requestStream {
            consume(count - chunk.count, of: stream)
        }
        return step
    }

    private func take(_ message: UnsafeRawBufferPointer, of stream: CallStream) -> Finding? {
        guard let message = unpack(message, of: stream) else { return nil }
        stream.messageStart = nil
        return .message(message)
    }

    func keepUnfinished(of stream: CallStream) {
        if let message = stream.message {
            stream.reader.keep(message)
            stream.message = stream.reader.kept
        }
        if !stream.reader.isMidMessage {
            stream.messageStart = nil
        } else if stream.messageStart == nil {
            stream.messageStart = now
        }
        countUnfinished(of: stream)
    }

    /// The message as it was before it was compressed, if it was. If it cannot be had, the call is refused.
    private func unpack(_ message: UnsafeRawBufferPointer, of stream: CallStream) -> UnsafeRawBufferPointer? {
        guard stream.isCompressed else { return message }
        guard stream.encoding != .identity else {
            refuse(stream, .compressedWithoutEncoding)
            return nil
        }
        do throws(Inflation.Problem) {
            inflated.reset(keeping: MessageReader.keptCapacity)
            try Inflation.inflate(message, stream.encoding, into: &inflated, limit: limits.requestLength)
            return inflated.bytes
        } catch {
            switch error {
            case .broken: refuse(stream, .brokenCompression)
            case .tooLong: refuse(stream, .unpackedTooLong(limit: limits.requestLength))
            }
            return nil
        }
    }

    // MARK: - Ends

    private func finish(_ stream: CallStream) -> Finding? {
        stream.messageStart = nil
        if let length = stream.contentLength, stream.receivedLength != length {
            reset(stream, NGHTTP2_PROTOCOL_ERROR)
            return nil
        }
        if stream.kind == .page {
            stream.phase = .begun
            return .page
        }
        if stream.reader.isMidMessage {
            refuse(stream, .messageCutOff)
            return nil
        }
        if stream.kind == .requestStream { return .endOfRequest }
        guard let message = stream.message else {
            refuse(stream, .noMessage)
            return nil
        }
        guard let payload = unpack(message, of: stream) else { return nil }
        stream.phase = .begun
        unfinishedByteCount -= stream.countedBytes
        stream.countedBytes = 0
        return .call(payload)
    }
}
