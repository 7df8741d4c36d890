import Bytes
import GRPC

/// Makes the sessions of those who speak HTTP/2.
struct GRPCSessions {
    /// Where what goes out has its memory from, over whatever wire.
    let buffers = OutgoingPool()
    private let limits: SessionLimits
    private let paths: SessionPaths
    private let pool = SessionPool()

    init(limits: Limits, paths: SessionPaths = SessionPaths()) {
        self.limits = SessionLimits(limits)
        self.paths = paths
    }

    /// - Parameters:
    ///   - held: where what waits for windows is counted.
    ///   - now: nanoseconds.
    func make(countingIn held: HeldBytes, now: UInt64) -> GRPC.ServerSession {
        GRPC.ServerSession(limits: limits, paths: paths, pool: pool, buffers: buffers, countingIn: held, now: now)
    }
}
