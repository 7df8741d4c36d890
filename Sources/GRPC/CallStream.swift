internal import Bytes
internal import CNGHTTP2
internal import Calls

/// One stream: a request on its way in, then the answer to it on its way out.
final class CallStream {
    /// An object, because that there is none is asked for each call.
    final class Failure {
        let status: Status
        init(_ status: Status) { self.status = status }
    }

    enum Phase {
        /// Its head has not been judged.
        case head
        /// Its messages come in.
        case receiving
        /// Whoever asks the session has been given it, and is to answer.
        case begun
        /// The whole answer is there, and goes out.
        case answered
    }

    enum Kind {
        case call
        /// Its request is a stream of messages.
        case requestStream
        case page
    }

    var id: Int32 = 0
    /// Where it is among the session's streams.
    var index = 0
    var phase = Phase.head
    var kind = Kind.call
    /// What is lent of it is in use although the stream is gone.
    var isLent = false
    var isGone = false

    // MARK: The request

    /// The client has ended its side.
    var isEnded = false
    var path = UnsafeRawBufferPointer(start: nil, count: 0)
    /// What is called, if it is known and the path is no longer there.
    var operation: String?
    var metadata = RequestMetadata()
    /// What the views of the head lie in.
    private var pathBuffer: OpaquePointer?
    private var metadataBuffers: [OpaquePointer] = []
    var isHead = false
    var arrival: UInt64 = 0
    var timeout = CallTimeout.unspecified
    /// When the call is over, as far as the session knows.
    var deadline: UInt64?
    var encoding = RequestEncoding.identity
    var contentLength: UInt64?
    var receivedLength: UInt64 = 0
    /// Bytes that have been taken of its window without nghttp2's knowledge.
    var unconsumed = 0
    var reader = MessageReader()
    /// What has come of a stream of messages while too much of the answers to them waits.
    var postponed = ByteBuffer(capacity: 0)
    var isPostponed = false
    /// What the session has counted of the bytes that the reader and `postponed` have.
    var countedBytes = 0
    /// When the message that is coming in began.
    var messageStart: UInt64?
    /// The message of a request that has one.
    var message: UnsafeRawBufferPointer?
    var isCompressed = false

    // MARK: The answer

    var messages = OutgoingMessages()
    /// Its head is out, or on its way.
    var hasAnswered = false
    /// Its trailers are, too.
    var hasTrailers = false
    /// Nothing comes behind the messages but what the call ends with.
    var isComplete = false
    /// How it ends, if not well.
    var failure: Failure?
    /// It is text, and no call's.
    var isText = false
    /// It waits for room in what goes out.
    var isHeld = false
    /// It takes turns with other streams that wait.
    var takesTurns = false
    /// More waits than should.
    var isHigh = false
    /// When something of what waits last went out, or began to wait.
    var lastProgress: UInt64 = 0

    var key: CallKey { CallKey(UInt32(bitPattern: id)) }

    /// Forgets everything but memory that is small enough to keep.
    func reset(_ held: HeldBytes) {
        phase = .head
        kind = .call
        isLent = false
        isGone = false
        resetRequest()
        resetAnswer(held)
    }

    /// Keeps a field of its head.
    func keep(_ field: HeadMemo.Field, _ use: RequestHead.Use) {
        nghttp2_rcbuf_incref(field.value)
        switch use {
        case .path where pathBuffer == nil:
            pathBuffer = field.value
            path = field.valueBytes
        case .path: nghttp2_rcbuf_decref(field.value)
        case .metadata:
            metadataBuffers.append(field.value)
            metadata.add(field.nameBytes, field.valueBytes)
        }
    }

    func releaseHead() {
        if let pathBuffer { nghttp2_rcbuf_decref(pathBuffer) }
        pathBuffer = nil
        path = UnsafeRawBufferPointer(start: nil, count: 0)
        guard !metadataBuffers.isEmpty else { return }
        for buffer in metadataBuffers { nghttp2_rcbuf_decref(buffer) }
        metadataBuffers.removeAll(keepingCapacity: metadataBuffers.capacity <= 16)
        metadata = RequestMetadata()
    }

    /// Gives back what has come of it.
    func releaseRequest() {
        releaseHead()
        reader.reset()
        postponed.reset(keeping: 0)
        message = nil
    }

    private func resetRequest() {
        releaseRequest()
        isEnded = false
        isHead = false
        operation = nil
        timeout = .unspecified
        deadline = nil
        encoding = .identity
        contentLength = nil
        receivedLength = 0
        unconsumed = 0
        isPostponed = false
        countedBytes = 0
        messageStart = nil
        isCompressed = false
    }

    private func resetAnswer(_ held: HeldBytes) {
        messages.removeAll(held)
        hasAnswered = false
        hasTrailers = false
        isComplete = false
        failure = nil
        isText = false
        isHeld = false
        takesTurns = false
        isHigh = false
    }
}
