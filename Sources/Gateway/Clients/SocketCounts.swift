/// What is counted for each socket.
final class SocketCounts {
    /// Connections that are open.
    var connections = 0
    /// Calls that its policy has refused.
    var denied = 0
}
