import Bytes
@testable import Gateway

/// Keeps what a connection says that concerns all clients together.
final class FakeHost: ClientHost {
    let unread = HeldBytes()
    var unreadLimit = 1 << 40
    let frameRoom = FrameRoom(clock: FakeClock(), patience: 3_000)
    private(set) var unfinishedByteCount = 0
    private(set) var watched: [any WatchedClient] = []
    private(set) var streaming: [any StreamingClient] = []
    private(set) var reports: [String] = []
    private(set) var gone: [PeerCredentials] = []
    var admits = true
    private(set) var askedForCalls = 0
    private(set) var endedCalls = 0

    func unreadGrew() {}

    func unfinishedChanged(by count: Int) {
        unfinishedByteCount += count
    }

    func watch(_ client: any WatchedClient) {
        watched.append(client)
    }

    func watchStreams(_ client: any StreamingClient) {
        streaming.append(client)
    }

    func admitsCall(of client: any Client) -> Bool {
        askedForCalls += 1
        return admits
    }

    func callEnded() {
        endedCalls += 1
    }

    func report(_ peer: PeerCredentials, at socket: ListeningSocket, _ reason: String) {
        reports.append(reason)
    }

    func closed(_ client: any Client, _ peer: PeerCredentials, at socket: ListeningSocket) {
        gone.append(peer)
    }
}
