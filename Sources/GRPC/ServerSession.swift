package import Bytes
internal import CNGHTTP2
package import Calls

/// The server's side of one HTTP/2 connection that speaks gRPC: what arrives becomes events, and what is answered becomes
/// frames.
///
/// It is asked for one event at a time and calls nobody, so whoever handles an event is free to do anything:
///
///     while let event = session.next(&unread, now: now) { … }
///
/// Times are nanoseconds of a clock that never goes back.
package final class ServerSession {
    package enum Event {
        /// A call whose client has ended its side. What it refers to is lent until the next call of `next`, and no longer
        /// than the bytes that were passed in.
        case call(CallRequest)
        /// A call whose messages are going to come one by one; it has no payload.
        case requestStream(CallRequest)
        /// A message of such a call, lent as a call is.
        case message(CallKey, UnsafeRawBufferPointer)
        /// The client has ended its side of such a call.
        case endOfRequest(CallKey)
        case page(PageRequest)
        /// A call or page that has been given out is over, and what is answered to it goes nowhere.
        case cancelled(CallKey)
        /// The session has refused this call, and answered it: with the reason, or with none of gRPC's errors. If it had
        /// been given out, it is over.
        case refused(CallKey, Status.Reason?)
        /// What waited for this stream's window has become little.
        case drained(CallKey)
        /// The session is over, and all of its calls: what is in `outgoing` is the last of it.
        case closed(SessionEnd)
        /// Some frames have come of which nothing comes, and there are more.
        case nothing
        /// A large request has come, of so many bytes. It is an event once `goOn` has been called, and nothing more is taken in
        /// before that.
        case large(Int)
    }

    /// Pieces of frames that are taken in before whoever asks hears of it.
    private static let piecesAtOnce = 8
    /// Bytes of requests that are taken before nghttp2 hears of it. Windows, which open as they are, have a multiple of that.
    static let leastConsumed = 16_384

    let limits: SessionLimits
    let paths: SessionPaths
    let pool: SessionPool
    let memory: SessionMemory
    /// Where what waits for windows is counted with that of others.
    let held: HeldBytes
    private(set) var http2: OpaquePointer?
    var scanner = FrameScanner()
    private(set) var now: UInt64
    var floods = [TokenBucket](repeating: TokenBucket(), count: Flood.allCases.count)
    var continuations = 0
    /// A frame of DATA has come that was all padding.
    var hasEmptyData = false
    /// Part of a header block has arrived, and the rest is due.
    var isMidHead = false
    var end: SessionEnd?
    var events: [Event] = []

    /// Those that are open.
    var streams: [CallStream] = []
    /// The one of them that was asked for last.
    var recent: CallStream?
    /// The head that is coming in.
    var head = RequestHead()
    var memo = HeadMemo()
    var lastBlock = LastBlock()
    /// The highest number of a stream that a head has come of.
    var newestID: Int32 = 0
    /// What has come last, and has not been looked at.
    var arrived: CallStream?
    /// It is whole and large, which has been announced.
    var isLargeAnnounced = false
    private var mayGoOn = false
    /// It is a head.
    var hasArrivedHead = false
    /// It is data.
    var chunk = UnsafeRawBufferPointer(start: nil, count: 0)
    /// What the data lies in, once it has been kept.
    var keptChunk: SharedBytes?
    /// It lies in what was postponed of the stream.
    var isChunkPostponed = false
    /// Those that go on with what was postponed of them.
    var resumedStreams: [CallStream] = []
    /// The one that something is lent of.
    var lent: CallStream?
    /// Bytes of requests that have been taken of the connection's window without nghttp2's knowledge.
    var unconsumed = 0
    var inflated = ByteBuffer(capacity: 0)
    /// What is kept of requests that have not come in whole.
    package internal(set) var unfinishedByteCount = 0

    /// Frames that are to go out. Whoever sends them empties it, and calls `flush` then.
    package var outgoing: OutgoingBytes
    /// What waits for a window, or for room in `outgoing`.
    package internal(set) var waitingByteCount = 0
    /// Bytes of memory that it takes: a share of what others wait with as well.
    package internal(set) var waitingMemory = 0
    var heldStreams: [CallStream] = []
    var answerBlocks = AnswerBlocks()
    /// The client has taken notice of how many calls it may have open.
    var hasSettled = false
    var drain = Drain.none

    enum Drain {
        case none
        /// Until a PING comes back, or that time.
        case noticed(UInt64)
        /// It has come back.
        case due
        case last
    }

    /// Begins with what the server says first, which is in `outgoing` then.
    /// - Parameters:
    ///   - buffers: where what is to go out has its memory from.
    ///   - held: where what waits for windows is counted with that of others.
    package init(
        limits: SessionLimits,
        paths: SessionPaths,
        pool: SessionPool,
        buffers: OutgoingPool = OutgoingPool(),
        countingIn held: HeldBytes = HeldBytes(),
        now: UInt64
    ) {
        self.limits = limits
        self.paths = paths
        self.pool = pool
        self.held = held
        outgoing = OutgoingBytes(pool: buffers)
        self.now = now
        memory = SessionMemory(pool)
        http2 = makeHTTP2()
        announceSettings()
    }

    deinit {
        for stream in streams { stream.reset(held) }
        memo.forget()
        nghttp2_session_del(http2)
    }

    /// Part of a preface, a frame or a header block has arrived, and the rest is due.
    package var isMidFrame: Bool { scanner.isMidFrame || isMidHead }

    /// What nghttp2 holds.
    package var heldByteCount: Int { memory.byteCount }

    /// There are events, or something waits that may go on, although nothing comes.
    package var hasMore: Bool {
        !events.isEmpty || !heldStreams.isEmpty || !resumedStreams.isEmpty || arrived != nil
    }

    /// Nothing is to go out, and nothing waits for anything but what comes or is answered.
    package var isAtRest: Bool {
        outgoing.isEmpty && !hasMore && waitingByteCount == 0 && end == nil && nextDeadline == nil
    }

    /// The next event in `unread`, which then begins behind it, or nil when all of `unread` has been taken in.
    package func next(_ unread: inout UnsafeRawBufferPointer, now: UInt64) -> Event? {
        self.now = max(self.now, now)
        var pieces = 0
        while true {
            takeBackLent()
            // Not where it is forgotten, because a payload that is lent may lie in it.
            if arrived == nil { keptChunk = nil }
            if !events.isEmpty { return events.removeFirst() }
            if let stream = arrived, !isLargeAnnounced || mayGoOn {
                refuseDataBehindEnd(of: stream, scanner.upcoming(unread))
                if arrived === stream, let finding = look(at: stream) { return event(finding, of: stream) }
            } else if arrived != nil {
                send()
                if events.isEmpty { return nil }
            } else if end == nil, let stream = resumedStreams.popLast() {
                resume(stream)
            } else if !unread.isEmpty, end == nil {
                guard pieces < Self.piecesAtOnce else {
                    // To nghttp2 an acknowledgement is some hundred bytes until it goes out.
                    send()
                    return events.isEmpty ? .nothing : events.removeFirst()
                }
                guard let piece = scanner.next(&unread) else { continue }
                pieces += piece.isLongHead ? Self.piecesAtOnce : 1
                receive(piece)
            } else {
                _ = unread.removePrefix(atMost: unread.count)
                send()
                if events.isEmpty { return nil }
            }
        }
    }

    /// For who stops asking before nil has come: what has been taken in of the bytes that were passed in, and not been given
    /// out, is kept, and those bytes may go. What `unread` still has is to be passed in again.
    package func keepArrived() {
        guard !chunk.isEmpty, !isChunkPostponed else { return }
        let copy = SharedBytes(copying: chunk)
        keptChunk = copy
        chunk = copy.bytes
    }

    /// Has the large request come that was announced.
    package func goOn() {
        mayGoOn = true
    }

    func announce(_ stream: CallStream, _ length: Int) -> Finding? {
        keepUnfinished(of: stream)
        guard arrived === stream else { return nil }
        isLargeAnnounced = true
        mayGoOn = false
        return .large(length)
    }

    /// Puts into `outgoing` what has waited for room there. `next` is to be asked afterwards, with no bytes.
    package func flush(now: UInt64) {
        self.now = max(self.now, now)
        resumeHeld()
        send()
    }

    func setNow(_ now: UInt64) { self.now = max(self.now, now) }

    private func takeBackLent() {
        guard let stream = lent else { return }
        lent = nil
        stream.isLent = false
        inflated.reset(keeping: MessageReader.keptCapacity)
        if stream.isGone {
            retire(stream)
        } else if stream.kind == .requestStream {
            stream.releaseHead()
        } else {
            stream.releaseRequest()
        }
    }

    /// Keeps a stream that is closed for the next one.
    func retire(_ stream: CallStream) {
        stream.reset(held)
        pool.giveBack(stream)
    }
}

/// It belongs to the loop's thread.
@available(*, unavailable) extension ServerSession: Sendable {}
