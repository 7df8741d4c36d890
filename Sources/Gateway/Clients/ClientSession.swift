import Bytes
import Calls
import GRPC
import TTRPC

/// What one connection speaks, decided once on its first bytes, and the session of that protocol.
///
///     00             ttrpc: the lengths of frames are below 16 MiB
///     PRI            HTTP/2
///     A … Z          HTTP/1.1
///     anything else  nothing that is known here
struct ClientSession: ~Copyable {
    enum Event {
        case call(CallRequest)
        case refused(CallKey, Status.Reason)
        /// Of a call whose request is a stream.
        case message(CallKey, UnsafeRawBufferPointer)
        case endOfRequest(CallKey)
        case http(HTTPServerSession.Event)
        case page(PageRequest)
        /// The client has no use for the answer of a call any more.
        case cancelled(CallKey)
        /// What waited for a stream's window has become little.
        case drained(CallKey)
        /// Part of what has come has been taken in, and nothing comes of it.
        case nothing
        /// A large request has come, of so many bytes. It is an event once `goOnWithLarge` has been called, and nothing more is
        /// taken in before that.
        case large(Int)
        /// All that there is to say over the connection is in `outgoing`.
        case over
        /// Another protocol than those that are spoken here.
        case foreign
    }

    private enum Wire {
        case undecided, ttrpc, grpc, http, foreign
    }

    private static let preface = Array("PRI".utf8)

    private let isDoor: Bool
    private var wire = Wire.undecided
    /// The first bytes, as long as they may be a preface of HTTP/2.
    private var first: [UInt8] = []
    private let sessions: Sessions
    /// Each is made when something of it comes, so that a connection that says nothing takes little.
    private var ttrpc: TTRPC.ServerSession?
    private var http: HTTPServerSession?
    var grpc: GRPC.ServerSession?
    /// Nanoseconds of the turn.
    var now: UInt64 { sessions.clock.now * 1_000_000 }
    private var isHead = false

    /// - Parameter isDoor: only HTTP/1.1 is spoken.
    init(isDoor: Bool, _ sessions: Sessions) {
        self.isDoor = isDoor
        self.sessions = sessions
    }

    private mutating func madeTTRPC() -> TTRPC.ServerSession {
        if let ttrpc { return ttrpc }
        let made = sessions.makeTTRPC()
        ttrpc = made
        return made
    }

    // MARK: - What arrives

    /// Part of a frame or head has arrived, and the rest is due.
    var isMidFrame: Bool {
        if let grpc { return grpc.isMidFrame }
        if let ttrpc { return ttrpc.isMidFrame }
        return http?.isMidHead ?? !first.isEmpty
    }
    /// Bytes that are kept of it.
    var unfinishedByteCount: Int {
        if let ttrpc { return ttrpc.unfinishedByteCount }
        return (http?.unfinishedByteCount ?? 0) + first.count + (grpc?.unfinishedByteCount ?? 0)
    }
    /// It has its request, and nothing else is to come: it does not end with what arrives.
    var outlivesEndOfFile: Bool { http?.isOver ?? false }

    /// The next event in `unread`, which then begins behind it, or nil when all of `unread` has been taken in.
    mutating func next(_ unread: inout UnsafeRawBufferPointer) -> Event? {
        if wire == .undecided { decide(&unread) }
        switch wire {
        case .undecided: return nil
        case .ttrpc: return nextOfTTRPC(&unread)
        case .grpc: return nextOfGRPC(&unread)
        case .http: return nextOfHTTP(&unread)
        case .foreign:
            return unread.removePrefix(atMost: unread.count).isEmpty ? nil : .foreign
        }
    }

    private mutating func decide(_ unread: inout UnsafeRawBufferPointer) {
        while wire == .undecided, let byte = unread.first {
            if first.isEmpty, byte == 0 {
                wire = isDoor ? .foreign : .ttrpc
            } else if first.isEmpty, !(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte) {
                wire = .foreign
            } else if byte != Self.preface[first.count] {
                wire = .http
            } else {
                guard first.count < Self.preface.count - 1 else { return decideForHTTP2() }
                first.append(byte)
                _ = unread.removePrefix(atMost: 1)
            }
        }
    }

    private mutating func decideForHTTP2() {
        guard !isDoor else {
            wire = .foreign
            return
        }
        wire = .grpc
        grpc = sessions.makeGRPC(now: now)
    }

    private mutating func nextOfGRPC(_ unread: inout UnsafeRawBufferPointer) -> Event? {
        guard let grpc else { return nil }
        if !first.isEmpty {
            let begun = first
            first = []
            let event = begun.withUnsafeBytes { bytes in
                var begun = bytes
                return Self.next(of: grpc, &begun, now: now)
            }
            if let event { return event }
        }
        return Self.next(of: grpc, &unread, now: now)
    }

    private mutating func nextOfTTRPC(_ unread: inout UnsafeRawBufferPointer) -> Event? {
        let ttrpc = madeTTRPC()
        return switch ttrpc.next(&unread) {
        case .call: .call(ttrpc.request)
        case .refused(let key, let reason): .refused(key, reason)
        case .nothing: .nothing
        case .large(let count): .large(count)
        case .notTTRPC: .foreign
        case nil: nil
        }
    }

    private mutating func nextOfHTTP(_ unread: inout UnsafeRawBufferPointer) -> Event? {
        let begun = first
        first = []
        let http = http ?? HTTPServerSession()
        self.http = http
        let event =
            begun.withUnsafeBytes {
                var begun = $0
                return http.next(&begun)
            } ?? http.next(&unread)
        if case .request(let request) = event { isHead = request.method == "HEAD" }
        return event.map { .http($0) }
    }

    /// Has the large request come that was announced.
    mutating func goOnWithLarge() {
        if let grpc { grpc.goOn() } else { madeTTRPC().goOn() }
    }

    /// For who stops asking before nil has come: the bytes that were passed in may go.
    func keepArrived() {
        grpc?.keepArrived()
    }

    // MARK: - What goes out

    var outgoing: OutgoingBytes {
        _read {
            if let ttrpc {
                yield ttrpc.outgoing
            } else if let grpc {
                yield grpc.outgoing
            } else {
                yield sessions.nothing
            }
        }
        _modify {
            if let grpc { yield &grpc.outgoing } else { yield &madeTTRPC().outgoing }
        }
    }

    /// Hands out what is to go out, so that whoever is told of it while it is written may ask the session anything.
    mutating func takeOutgoing() -> OutgoingBytes {
        OutgoingBytes(taking: &outgoing)
    }

    mutating func answer(_ answer: HTTPAnswer) {
        madeTTRPC().outgoing.own += answer.encoded(isHead: isHead)
        hasAnswered = true
    }

    /// Answers a page of HTTP/2.
    mutating func answer(_ key: CallKey, _ answer: HTTPAnswer) {
        let body = Array(answer.body.utf8)
        grpc?.respond(key, status: answer.code.rawValue, contentType: answer.contentType, body: body)
    }

    /// All that there is to say over the connection has been said.
    private(set) var hasAnswered = false

    mutating func complete(_ key: CallKey, _ payload: Payload) {
        if let grpc { grpc.complete(key, payload) } else { madeTTRPC().complete(key, payload) }
    }

    mutating func send(_ key: CallKey, message: UnsafeRawBufferPointer) {
        if let grpc {
            grpc.send(key, message: Payload(lent: message))
        } else {
            madeTTRPC().send(key, message: message)
        }
    }

    mutating func complete(_ key: CallKey) {
        if let grpc { grpc.complete(key) } else { madeTTRPC().complete(key) }
    }

    mutating func fail(_ key: CallKey, _ status: Status) {
        if let grpc { grpc.fail(key, status) } else { madeTTRPC().fail(key, status) }
    }

    /// What comes before a payload that is sent from where it is, if the protocol has it in one piece.
    mutating func completeHead(_ key: CallKey, payload count: Int) -> Bool {
        guard grpc == nil else { return false }
        madeTTRPC().completeHead(key, payload: count)
        return true
    }

    mutating func sendHead(_ key: CallKey, message count: Int) -> Bool {
        guard grpc == nil else { return false }
        madeTTRPC().sendHead(key, message: count)
        return true
    }
}
