import Bytes
import EventLoop

/// What goes out to one client, up to what the client may leave unread.
final class Outbox {
    /// Why nothing more goes out.
    enum Fault: Equatable {
        /// The client would leave more unread than it may.
        case unread
        /// The socket takes nothing any more.
        case socket
    }

    private let transport: any ClientTransport
    private let host: any ClientHost
    private let clock: any TurnClock
    private let limit: Int
    /// Nothing more goes out, and the connection is to be closed.
    private(set) var isBroken = false
    /// Made when it is first asked for, so that a connection that says nothing takes little.
    private(set) lazy var pace = ClientPace()

    init(_ transport: any ClientTransport, host: any ClientHost, clock: any TurnClock, limits: Limits) {
        self.transport = transport
        self.host = host
        self.clock = clock
        limit = limits.unreadBytes
    }

    /// Bytes that the client has not read.
    var queuedByteCount: Int { transport.queuedByteCount }

    /// Bytes of memory that they take.
    var unreadByteCount: Int { isBroken ? 0 : transport.heldByteCount }

    /// The same, weighed by how long there have been any.
    var unreadWeight: Double { unreadByteCount == 0 ? 0 : pace.weight(held: unreadByteCount, now: clock.now) }

    /// Sends frames, and a payload behind them that is lent; what the socket does not take is queued.
    func send(
        _ frames: borrowing OutgoingBytes,
        _ payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
    ) -> Fault? {
        guard !isBroken, !transport.isClosed else { return nil }
        pace.handOver(frames.count + payload.count, behind: transport.queuedByteCount, now: clock.now)
        do throws(LoopError) {
            try transport.write(frames, payload, queueLimit: queueLimit)
            host.unreadGrew()
            return nil
        } catch {
            isBroken = true
            return error == .noBufferSpace ? .unread : .socket
        }
    }

    /// What the client may leave unread. As much may be over the limit of all clients together until those that are
    /// broken off have closed.
    private var queueLimit: Int {
        let left = host.unreadLimit - host.unread.count
        return min(limit, transport.queuedByteCount + max(0, limit + left))
    }

    /// Sends nothing more. What is queued counts no longer.
    func breakOff() {
        isBroken = true
        transport.writeOff()
    }
}
