import Bytes
import Calls
import GRPC

/// HTTP/2.
extension ClientSession {
    static func next(
        of grpc: GRPC.ServerSession,
        _ unread: inout UnsafeRawBufferPointer,
        now: UInt64
    ) -> Event? {
        switch grpc.next(&unread, now: now) {
        case .call(let request), .requestStream(let request): .call(request)
        case .refused(let key, let reason?): .refused(key, reason)
        case .refused(let key, nil), .cancelled(let key): .cancelled(key)
        case .drained(let key): .drained(key)
        case .message(let key, let message): .message(key, message)
        case .endOfRequest(let key): .endOfRequest(key)
        case .page(let page): .page(page)
        case .closed: .over
        case .nothing: .nothing
        case .large(let count): .large(count)
        case nil: nil
        }
    }

    /// Its calls end by frames of the protocol, each stream has a window of its own, and the session itself says when the
    /// connection is over.
    var hasStreams: Bool { grpc != nil }

    /// There are events, or something waits that may go on, although nothing comes.
    var hasMore: Bool { grpc?.hasMore ?? false }

    /// Nothing is to go out, and nothing waits for anything but what comes or is answered.
    var isAtRest: Bool { grpc?.isAtRest ?? outgoing.isEmpty }

    /// Bytes that wait for a window, or for the socket.
    var waitingByteCount: Int { grpc?.waitingByteCount ?? 0 }

    /// Bytes of memory that they take.
    var waitingMemory: Int { grpc?.waitingMemory ?? 0 }

    func waitingByteCount(of key: CallKey) -> Int { grpc?.waitingByteCount(of: key) ?? 0 }

    /// When `expire` has something to do, in nanoseconds.
    var nextDeadline: UInt64? { grpc?.nextDeadline }

    /// Puts into `outgoing` what has waited for room there.
    mutating func goOn() {
        grpc?.flush(now: now)
    }

    mutating func expire() {
        grpc?.expire(now: now)
    }

    /// Gives back the memory of what waits. Nothing of worth goes out after that.
    mutating func forgetAnswers() {
        grpc?.forgetAnswers()
    }

    /// A call that was cancelled had been asked for in vain.
    func chargeForWaste() {
        grpc?.chargeForWaste()
    }

    mutating func startDraining() {
        grpc?.startDraining(now: now)
    }
}
