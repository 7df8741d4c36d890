import Bytes
import Calls
import FuzzSupport
import GRPC

/// A client's way through a session, and a record of it. The client has sent its preface and its settings.
@MainActor final class SessionReading {
    /// All sessions of a loop share them.
    private static let pool = SessionPool()
    private static let buffers = OutgoingPool()
    private static let paths = SessionPaths(pages: ["/health"], requestStreams: ["/r.R/S"])
    private static let greeting = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0".utf8)
    /// RFC 9113, section 7.
    private static let streamClosed: UInt32 = 5
    private static let answers: [[UInt8]] = [[], [1, 2, 3], [UInt8](repeating: 7, count: 25_000)]

    private(set) var record = SessionRecord()
    private let session: ServerSession
    private let control: Int
    /// Streams whose answers wait are postponed.
    private let postpones: Bool
    /// The socket takes what goes out behind each event, and not only behind each read.
    private let writesAtOnce: Bool
    private var inFlight: Set<CallKey> = []
    private var lastKey = CallKey(0)
    private var isOver = false
    private var hasEndedBehindEnd = false

    init(control: Int) {
        var limits = SessionLimits()
        limits.calls = 16
        limits.requestLength = 1_000
        limits.largeLength = 500
        limits.unfinishedBytes = 4_000
        limits.outgoingBytes = 20_000
        postpones = control & 64 != 0
        writesAtOnce = control & 128 == 0
        limits.waitingBytes = postpones ? 100 : 1 << 20
        limits.defaultTimeout = 1_000
        limits.messageTime = 1_000
        limits.readTime = 1_000
        session = ServerSession(limits: limits, paths: Self.paths, pool: Self.pool, buffers: Self.buffers, now: 0)
        self.control = control
        Self.greeting.withUnsafeBytes { read($0) }
    }

    /// What comes of streams that wait depends on when that is; and whether what comes on a stream that the client has ended
    /// ends the connection, on whether the answer has left by then.
    var dependsOnTime: Bool { postpones || !writesAtOnce || hasEndedBehindEnd }

    func read(_ bytes: UnsafeRawBufferPointer) {
        var unread = bytes
        while let event = session.next(&unread, now: 0) {
            take(event)
            if writesAtOnce { write() }
        }
        demand(unread.isEmpty, "a session that waits for more has left something")
        demand(session.unfinishedByteCount >= 0, "less than nothing is kept")
        demand(session.unfinishedByteCount <= 4_000, "more is kept than the limit")
        demand(session.waitingByteCount >= 0, "less than nothing waits")
        write()
    }

    /// The socket takes all that goes out.
    private func write() {
        while !session.outgoing.isEmpty {
            // A frame of DATA above the limit, and what is no DATA: about as much as comes in.
            demand(session.outgoing.count < 200_000, "much more goes out than the limit")
            session.outgoing.removeAll()
            session.flush(now: 0)
        }
    }

    /// All that waits ends, at the end of time. Nobody asks a session that is over.
    func end() {
        guard !isOver else { return }
        session.startDraining(now: 1)
        session.expire(now: 2)
        read(UnsafeRawBufferPointer(start: nil, count: 0))
        guard !isOver else { return }
        session.expire(now: .max)
        var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        while let event = session.next(&nothing, now: .max) { take(event) }
        for key in inFlight { session.cancel(key) }
        write()
        demand(session.waitingByteCount == 0 || isOver, "something waits at the end of time")
        demand(session.unfinishedByteCount == 0 || isOver, "something is kept at the end of time")
    }

    private func take(_ event: ServerSession.Event) {
        demand(!isOver, "an event comes behind the end: \(event)")
        switch event {
        case .call(let request):
            begin(request.key, 1)
            take(request)
            record.append(request.payload)
            answer(request.key)
        case .requestStream(let request):
            begin(request.key, 2)
            take(request)
        case .message(let key, let message):
            demand(inFlight.contains(key), "a message of no call")
            record.begin(key, 3)
            record.append(message)
            session.send(key, message: Payload(lent: message))
        case .endOfRequest(let key):
            demand(inFlight.remove(key) != nil, "the end of no call")
            record.begin(key, 4)
            session.complete(key)
        case .page(let page):
            begin(page.key, 5)
            record.append(page.path)
            inFlight.remove(page.key)
            session.respond(page.key, status: 200, contentType: "text/plain", body: [1])
        case .cancelled(let key):
            demand(inFlight.remove(key) != nil, "what is not in flight is cancelled")
            record.begin(key, 6)
        case .refused(let key, _):
            inFlight.remove(key)
            record.refuse(key)
        case .drained, .nothing: break
        case .large: session.goOn()
        case .closed(let end):
            isOver = true
            hasEndedBehindEnd = end == .violation(Self.streamClosed)
            for key in inFlight { record.begin(key, 6) }
            inFlight = []
        }
    }

    private func begin(_ key: CallKey, _ kind: UInt8) {
        demand(key > lastKey || !inFlight.contains(key), "a key is used twice")
        lastKey = max(lastKey, key)
        inFlight.insert(key)
        record.begin(key, kind)
    }

    private func take(_ request: CallRequest) {
        record.append(request.service)
        record.append(request.method)
        for key in RequestMetadata.Key.allCases {
            if let value = request.metadata[key] { record.append(value) }
        }
    }

    /// In one of the ways there are.
    private func answer(_ key: CallKey) {
        inFlight.remove(key)
        switch control % 5 {
        case 4:
            session.fail(key, Status(.internal, .badRequest, "no é"))
        case 3:
            for answer in Self.answers { answer.withUnsafeBytes { session.send(key, message: Payload(lent: $0)) } }
            session.complete(key)
        case let index: Self.answers[index].withUnsafeBytes { session.complete(key, Payload(lent: $0)) }
        }
    }
}
