import Bytes
import Calls
import EventLoop
import Logging

/// Looks after all clients: what they have together, which are slow, and that each has gone when the gateway stops.
final class Clients {
    let unread = HeldBytes()
    let frameRoom: FrameRoom
    private let frameTimer: Timer
    private let register: ClientRegister
    private let watch: ClientWatch
    private let streams: StreamWatch
    private let log: ClientLog
    private let callLimit: Int
    private let calls: Budget
    private let unfinished: Budget
    private let unreadAnswers: Budget
    private(set) var callCount = 0
    private var unfinishedByteCount = 0
    /// Called when a client has gone.
    var left: (PeerCredentials, ListeningSocket) -> Void = { _, _ in }

    init(loop: Loop, limits: Limits, log: ClientLog) throws(LoopError) {
        self.log = log
        register = ClientRegister()
        watch = try ClientWatch(loop: loop, limits: limits)
        streams = try StreamWatch(loop: loop)
        // Also over HTTP/2 a client that waits has time left for its frame.
        let room = FrameRoom(clock: loop, patience: min(3_000, limits.frameTime / 2))
        let timer = try Timer(loop: loop) { room.look() }
        room.lookIsDue = { timer.start(milliseconds: FrameRoom.lookInterval) }
        (frameRoom, frameTimer) = (room, timer)
        callLimit = limits.callsOfAll
        calls = Budget(limits.callsOfAll, .calls(limit: limits.callsOfAll), of: register)
        unfinished = Budget(limits.unfinishedBytesOfAll, .unfinishedFrames, of: register)
        unreadAnswers = Budget(limits.unreadBytesOfAll, .unreadAnswers, of: register)
    }

    var count: Int { register.count }
    var isEmpty: Bool { register.isEmpty }

    func add(_ client: any Client) {
        register.add(client)
    }

    func drain() {
        for client in register.all { client.drain() }
    }

    func closeDrained(now: UInt64) {
        for client in register.all { client.closeIfDrained(now: now) }
    }

    func shutDown() {
        for client in register.all { client.shutDown() }
    }

    func close() {
        watch.close()
        streams.close()
        frameTimer.close()
    }
}

extension Clients: ClientHost {
    var unreadLimit: Int { unreadAnswers.limit }

    func unreadGrew() {
        let excess = unread.staying - unreadAnswers.limit
        if excess > 0 { unreadAnswers.takeBack(excess) }
    }

    func unfinishedChanged(by count: Int) {
        unfinishedByteCount += count
        if count > 0 { unfinished.takeBack(unfinishedByteCount - unfinished.limit) }
    }

    func watch(_ client: any WatchedClient) {
        watch.add(client)
    }

    func watchStreams(_ client: any StreamingClient) {
        streams.add(client)
    }

    func admitsCall(of client: any Client) -> Bool {
        guard callCount < callLimit || calls.makeRoom(for: client) else { return false }
        callCount += 1
        calls.grows(client)
        return true
    }

    func callEnded() {
        callCount -= 1
    }

    func report(_ peer: PeerCredentials, at socket: ListeningSocket, _ reason: String) {
        log.report("closed a connection", peer, at: socket, reason)
    }

    func closed(_ client: any Client, _ peer: PeerCredentials, at socket: ListeningSocket) {
        watch.remove(client)
        streams.remove(client)
        register.remove(client)
        calls.forget()
        left(peer, socket)
    }
}
