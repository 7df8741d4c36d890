/// What an upstream may take of the gateway.
package struct UpstreamLimits: Sendable {
    package var connections = 32
    /// Exchanges that wait for a connection.
    package var waiting = 1024
    /// Bytes of their requests, together.
    package var waitingSize = 64 * 1024 * 1024
    /// Bytes of all heads of one answer, with its trailers and the extensions of its chunks.
    package var head = 80 * 1024
    /// Bytes of a body that is gathered whole.
    package var body = 64 * 1024 * 1024

    package init() {}
}
