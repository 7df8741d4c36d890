import EventLoop
import GRPC

/// What all connections of a gateway talk to.
final class Surroundings {
    let host: any ClientHost
    let dispatcher: any CallDispatcher
    let door: HTTPDoor?
    let sessions: Sessions
    let limits: Limits
    let loop: Loop
    let clock: any TurnClock

    init(
        host: any ClientHost,
        dispatcher: any CallDispatcher,
        door: HTTPDoor? = nil,
        paths: SessionPaths = SessionPaths(),
        limits: Limits,
        loop: Loop,
        clock: (any TurnClock)? = nil
    ) {
        self.host = host
        self.dispatcher = dispatcher
        self.door = door
        self.limits = limits
        self.loop = loop
        self.clock = clock ?? loop
        sessions = Sessions(limits: limits, paths: paths, countingIn: host.unread, clock: self.clock)
    }
}
