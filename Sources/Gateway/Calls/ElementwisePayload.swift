import Bytes
import Calls
import TTRPC
import Transcoding

/// The payload of a unary answer that is made element by element, up to what a payload may have.
final class ElementwisePayload {
    private var stream: MessageStream
    private var payload: ByteBuffer

    init(_ stream: consuming MessageStream) {
        self.stream = stream
        // As much as there can be: memory that is not used takes none.
        payload = ByteBuffer(capacity: 2 * JSONTranscoder.maximumMessage)
    }

    /// Bytes that are kept.
    var heldByteCount: Int { payload.count + stream.heldByteCount }

    /// Takes in more of the body.
    func consume(_ part: UnsafeRawBufferPointer) throws(JSONTranscodingError) {
        try stream.consume(part) { append($0) }
        try checkSize()
    }

    func finish() throws(JSONTranscodingError) -> Payload {
        try stream.finish { append($0) }
        try checkSize()
        var whole = ByteBuffer(capacity: 0)
        swap(&whole, &payload)
        return Payload(SharedBytes(taking: whole))
    }

    /// What comes behind too much is of no use.
    private func append(_ message: UnsafeRawBufferPointer) {
        if isFitting { payload.append(message) }
    }

    private var isFitting: Bool { ServerSession.fits(payload: payload.count) }

    private func checkSize() throws(JSONTranscodingError) {
        guard isFitting else { throw .messageTooLarge(limit: JSONTranscoder.maximumMessage) }
    }
}
