import Bytes
import Calls
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
        case http(HTTPServerSession.Event)
        /// Another protocol than those that are spoken here.
        case foreign
    }

    private enum Wire {
        case undecided, ttrpc, http, foreign
    }

    private static let preface = Array("PRI".utf8)

    private let isDoor: Bool
    private var wire = Wire.undecided
    /// The first bytes, as long as they may be a preface of HTTP/2.
    private var first: [UInt8] = []
    private var ttrpc: ServerSession
    private var http = HTTPServerSession()
    private var isHead = false

    /// - Parameters:
    ///   - maximumLength: the most data that the frame of a request may carry.
    ///   - isDoor: only HTTP/1.1 is spoken.
    init(maximumLength: Int, isDoor: Bool) {
        ttrpc = ServerSession(maximumLength: maximumLength)
        self.isDoor = isDoor
    }

    // MARK: - What arrives

    /// Part of a frame or head has arrived, and the rest is due.
    var isMidFrame: Bool { ttrpc.isMidFrame || http.isMidHead || wire == .undecided && !first.isEmpty }
    /// Bytes that are kept of it.
    var unfinishedByteCount: Int { ttrpc.unfinishedByteCount + http.unfinishedByteCount + first.count }
    /// It has its request, and nothing else is to come: it does not end with what arrives.
    var outlivesEndOfFile: Bool { http.isOver }

    /// The next event in `unread`, which then begins behind it, or nil when all of `unread` has been taken in.
    mutating func next(_ unread: inout UnsafeRawBufferPointer) -> Event? {
        if wire == .undecided { decide(&unread) }
        switch wire {
        case .undecided: return nil
        case .ttrpc: return nextOfTTRPC(&unread)
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
                guard first.count < Self.preface.count - 1 else {
                    wire = .foreign
                    return
                }
                first.append(byte)
                _ = unread.removePrefix(atMost: 1)
            }
        }
    }

    private mutating func nextOfTTRPC(_ unread: inout UnsafeRawBufferPointer) -> Event? {
        switch ttrpc.next(&unread) {
        case .call(let request): .call(request)
        case .refused(let key, let reason): .refused(key, reason)
        case .notTTRPC: .foreign
        case nil: nil
        }
    }

    private mutating func nextOfHTTP(_ unread: inout UnsafeRawBufferPointer) -> Event? {
        let begun = first
        first = []
        let event =
            begun.withUnsafeBytes {
                var begun = $0
                return http.next(&begun)
            } ?? http.next(&unread)
        if case .request(let request) = event { isHead = request.method == "HEAD" }
        return event.map { .http($0) }
    }

    // MARK: - What goes out

    var outgoing: [UInt8] {
        get { ttrpc.outgoing }
        _modify { yield &ttrpc.outgoing }
    }

    mutating func answer(_ answer: HTTPAnswer) {
        ttrpc.outgoing += answer.encoded(isHead: isHead)
        hasAnswered = true
    }

    /// All that there is to say over the connection has been said.
    private(set) var hasAnswered = false

    mutating func complete(_ key: CallKey, _ payload: UnsafeRawBufferPointer) {
        ttrpc.complete(key, payload)
    }

    mutating func completeHead(_ key: CallKey, payload count: Int) {
        ttrpc.completeHead(key, payload: count)
    }

    mutating func send(_ key: CallKey, message: UnsafeRawBufferPointer) {
        ttrpc.send(key, message: message)
    }

    mutating func sendHead(_ key: CallKey, message count: Int) {
        ttrpc.sendHead(key, message: count)
    }

    mutating func complete(_ key: CallKey) {
        ttrpc.complete(key)
    }

    mutating func fail(_ key: CallKey, _ status: Status) {
        ttrpc.fail(key, status)
    }
}
