import FlyingSocks
internal import Glibc

/// A socket pool that sends small writes at once. FlyingFox writes head and body one after the other; with Nagle's
/// algorithm the body would wait for the client's delayed acknowledgement, 40 ms.
struct NoDelayPool: AsyncSocketPool {
    let base: any AsyncSocketPool

    func prepare() async throws {
        try await base.prepare()
    }

    func run() async throws {
        try await base.run()
    }

    /// The listening socket comes by before it has accepted anything, and what it accepts inherits the option.
    func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        try socket.setValue(true, for: BoolSocketOption(level: CInt(IPPROTO_TCP), name: TCP_NODELAY))
        try await base.suspendSocket(socket, untilReadyFor: events)
    }
}
