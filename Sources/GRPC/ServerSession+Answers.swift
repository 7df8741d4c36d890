internal import Bytes
internal import CNGHTTP2
package import Calls

/// Answers in. What is answered to a call that is over goes nowhere.
extension ServerSession {
    /// The longest message that is sent.
    package static let maximumMessageLength = 4_194_304

    /// Whether a message may have so many bytes.
    package static func fits(payload count: Int) -> Bool { count <= maximumMessageLength }

    /// Answers a unary call.
    /// Of a payload that is only lent, what does not go out at once is copied.
    package func complete(_ key: CallKey, _ payload: Payload) {
        guard let stream = begun(key) else { return }
        stream.phase = .answered
        stream.isComplete = true
        put(payload, on: stream)
    }

    /// Sends a message of a stream.
    package func send(_ key: CallKey, message: Payload) {
        guard let stream = begun(key) else { return }
        put(message, on: stream)
    }

    /// Ends a stream.
    package func complete(_ key: CallKey) {
        guard let stream = begun(key) else { return }
        end(stream, failure: nil)
    }

    /// Ends a call of either kind with an error. If its deadline has passed while messages wait for its window, there is no
    /// use in waiting on: the stream is reset.
    package func fail(_ key: CallKey, _ status: Status) {
        guard let stream = begun(key) else { return }
        if status.code == .deadlineExceeded, stream.messages.byteCount > 0 {
            cancel(stream)
        } else {
            end(stream, failure: status)
        }
    }

    /// Ends a call, or what is left of its answer, with RST_STREAM (CANCEL).
    package func cancel(_ key: CallKey) {
        if let stream = stream(Int32(bitPattern: key.rawValue)) { cancel(stream) }
    }

    /// Gives back the memory of all answers that wait. Nothing may be sent after that: the client has got a part of them.
    package func forgetAnswers() {
        for stream in streams { stream.messages.removeAll(held) }
        waitingByteCount = 0
        waitingMemory = 0
    }

    /// Answers a page.
    package func respond(_ key: CallKey, status: Int, contentType: String, body: [UInt8]) {
        guard let stream = begun(key) else { return }
        stream.phase = .answered
        respond(stream, status: Array(String(status).utf8), contentType: contentType, allow: nil, body: body)
    }

    /// What is left of the answer to a call.
    package func waitingByteCount(of key: CallKey) -> Int {
        stream(Int32(bitPattern: key.rawValue))?.messages.byteCount ?? 0
    }

    private func begun(_ key: CallKey) -> CallStream? {
        guard let stream = stream(Int32(bitPattern: key.rawValue)), stream.phase == .begun else { return nil }
        return stream
    }

    // MARK: - How

    func refuse(_ stream: CallStream, _ refusal: Refusal) {
        switch refusal {
        case .status(var status):
            events.append(.refused(stream.key, status.reason))
            status.operation = stream.operation ?? paths.operation(stream.path)
            end(stream, failure: status)
        case .text(let status, let allow, let text):
            events.append(.refused(stream.key, nil))
            stream.phase = .answered
            respond(
                stream,
                status: status,
                contentType: "text/plain; charset=utf-8",
                allow: allow,
                body: Array(text.utf8)
            )
        }
        if arrived === stream { forgetArrived() }
    }

    /// For a fault of the client's.
    func reset(_ stream: CallStream, _ code: nghttp2_error_code) {
        events.append(.refused(stream.key, nil))
        stream.phase = .answered
        nghttp2_submit_rst_stream(http2, 0, stream.id, code.rawValue)
        if arrived === stream { forgetArrived() }
        send()
    }

    func cancel(_ stream: CallStream) {
        stream.phase = .answered
        nghttp2_submit_rst_stream(http2, 0, stream.id, NGHTTP2_CANCEL.rawValue)
        send()
    }

    private func end(_ stream: CallStream, failure: Status?) {
        stream.phase = .answered
        stream.isComplete = true
        stream.failure = failure.map(CallStream.Failure.init)
        if stream.messages.byteCount > 0 {
            nghttp2_session_resume_data(http2, stream.id)
        } else {
            // Not left to nghttp2's asking for DATA, because a shut window holds no trailers back.
            submitEnd(of: stream)
        }
        send()
    }

    private func put(_ payload: Payload, on stream: CallStream) {
        if stream.messages.byteCount == 0 { stream.lastProgress = now }
        let before = stream.messages.byteCount
        stream.messages.append(payload.bytes, owner: payload.owner, isMessage: !stream.isText)
        waitingByteCount += stream.messages.byteCount - before
        if stream.hasAnswered {
            nghttp2_session_resume_data(http2, stream.id)
        } else {
            submitHead(of: stream)
        }
        send()
        let heldBefore = stream.messages.heldByteCount
        stream.messages.keepLast(countingIn: held)
        waitingMemory += stream.messages.heldByteCount - heldBefore
        if stream.messages.byteCount > 0 { takeTurns(stream) }
        if stream.messages.byteCount > limits.waitingBytes { stream.isHigh = true }
    }

    /// Nobody else may wait for what one stream has: each of them that wait sends a frame in turn.
    private func takeTurns(_ stream: CallStream) {
        guard !stream.takesTurns else { return }
        stream.takesTurns = true
        var priority = nghttp2_extpri(urgency: UInt32(NGHTTP2_EXTPRI_DEFAULT_URGENCY), inc: 1)
        nghttp2_session_change_extpri_stream_priority(http2, stream.id, &priority, 1)
    }

    private func respond(
        _ stream: CallStream,
        status: [UInt8],
        contentType: String,
        allow: [UInt8]?,
        body: [UInt8]
    ) {
        stream.hasAnswered = true
        stream.isText = true
        stream.isComplete = true
        var fields = HeaderFields()
        fields.add(":status", status)
        fields.add("content-type", Array(contentType.utf8))
        fields.add("content-length", Array(String(body.count).utf8))
        if let allow { fields.add("allow", allow) }
        var provider = Self.dataProvider(of: stream)
        let hasBody = !stream.isHead && !body.isEmpty
        fields.with { fields, count in
            _ =
                hasBody
                ? nghttp2_submit_response(http2, stream.id, fields, count, &provider)
                : nghttp2_submit_response(http2, stream.id, fields, count, nil)
        }
        if hasBody { body.withUnsafeBytes { put(Payload(lent: $0), on: stream) } } else { send() }
    }
}
