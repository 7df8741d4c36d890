import EventLoop

/// Where Pieces OS listens.
package struct Endpoint: Equatable, Sendable, CustomStringConvertible {
    /// What the `Host` header says.
    let authority: [UInt8]
    /// Tried in this order.
    let addresses: [SocketAddress]
    /// Whether the listener must belong to the daemon's own user or to root: so it is where nobody named the endpoint.
    let mustBeTrusted: Bool
    package let description: String

    init(authority: String, addresses: [SocketAddress], mustBeTrusted: Bool = false, description: String? = nil) {
        self.authority = Array(authority.utf8)
        self.addresses = addresses
        self.mustBeTrusted = mustBeTrusted
        self.description = description ?? "http://\(authority)"
    }

    /// `localhost` is never asked of DNS.
    static func localhostAddresses(port: UInt16) -> [SocketAddress] {
        [.internet(address: "127.0.0.1", port: port), .internet(address: "::1", port: port)]
    }
}
