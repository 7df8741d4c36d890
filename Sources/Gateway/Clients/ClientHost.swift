import Bytes

/// Whom a connection tells what concerns all clients together.
protocol ClientHost: AnyObject {
    /// Memory of answers that clients have not read, of all of them.
    var unread: HeldBytes { get }
    /// Bytes of answers that all clients may leave unread before some are broken off.
    var unreadLimit: Int { get }
    /// Room for large frames, which come in a few at a time.
    var frameRoom: FrameRoom { get }

    /// More waits for somebody.
    func unreadGrew()
    /// More, or less, has arrived of a frame that is not whole.
    func unfinishedChanged(by count: Int)
    /// The client is in the middle of a frame, or does not read.
    func watch(_ client: any WatchedClient)
    /// The client has streams that wait until it has read.
    func watchStreams(_ client: any StreamingClient)
    /// Whether there is room for a call of this client; if need be, another client loses one.
    func admitsCall(of client: any Client) -> Bool
    /// A call that was admitted has ended.
    func callEnded()
    /// The client is about to be closed for a fault of its own.
    func report(_ peer: PeerCredentials, at socket: ListeningSocket, _ reason: String)
    /// The client has gone.
    func closed(_ client: any Client, _ peer: PeerCredentials, at socket: ListeningSocket)
}
