import Calls
import TTRPC
import Transcoding

/// Makes payloads of what Pieces OS answers.
final class Answers {
    let transcoder = JSONTranscoder()
    /// The last snapshot. The transcoder is a pure function of the body, so a body that is byte for byte the last one has
    /// the last payload; comparing is many times cheaper than transcoding.
    private var lastSnapshot = Memo()

    /// The payload for the body of an answer, lent until the next call.
    func payload(
        status: Int,
        body: UnsafeRawBufferPointer,
        as schema: MessageSchema
    ) throws(Status) -> UnsafeRawBufferPointer {
        guard 200...299 ~= status else { throw Status(httpStatus: status, body: body) }
        let isSnapshot = schema === MessageSchema.models
        if isSnapshot, let payload = lastSnapshot.payload(for: body) { return payload }

        let payload: UnsafeRawBufferPointer
        do {
            payload = try transcoder.transcode(body, as: schema)
        } catch .messageTooLarge {
            throw .answerTooLarge(httpStatus: status)
        } catch {
            throw Status(error, httpStatus: status)
        }
        guard ResponseEncoder.responseLength(payload: payload.count) <= FrameHeader.maximumLength else {
            throw .answerTooLarge(httpStatus: status)
        }
        if isSnapshot { lastSnapshot.remember(body, payload) }
        return payload
    }
}

@available(*, unavailable) extension Answers: Sendable {}
