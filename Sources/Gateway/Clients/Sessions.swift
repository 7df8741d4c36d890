import Bytes
import GRPC
import TTRPC

/// Makes the sessions of all connections, and has what they have in common.
final class Sessions {
    let clock: any TurnClock
    /// What goes out to those who have said nothing.
    let nothing: OutgoingBytes
    private let maximumLength: Int
    /// Where what goes out has its memory from, over whatever wire.
    private let buffers = OutgoingPool()
    /// Where what waits for windows is counted.
    private let held: HeldBytes
    private let limits: SessionLimits
    private let paths: SessionPaths
    private let pool = SessionPool()

    init(limits: Limits, paths: SessionPaths = SessionPaths(), countingIn held: HeldBytes, clock: any TurnClock) {
        self.clock = clock
        self.held = held
        self.paths = paths
        self.limits = SessionLimits(limits)
        maximumLength = limits.request
        nothing = OutgoingBytes(pool: buffers)
    }

    /// Large requests are announced before they are looked at.
    func makeTTRPC() -> TTRPC.ServerSession {
        TTRPC.ServerSession(maximumLength: maximumLength, largeLength: Backlog.largeRequest, pool: buffers)
    }

    /// - Parameter now: nanoseconds.
    func makeGRPC(now: UInt64) -> GRPC.ServerSession {
        GRPC.ServerSession(limits: limits, paths: paths, pool: pool, buffers: buffers, countingIn: held, now: now)
    }
}
