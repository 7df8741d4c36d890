internal import HTTP

/// Why no answer of Pieces OS is there.
package enum UpstreamError: Error, Equatable, Sendable {
    /// No connection could be made; says to whom and why.
    case unreachable(String)
    /// Nobody named the endpoint, and who listens there is another user.
    case distrusted(user: UInt32, at: String)
    /// Pieces OS is there but not ready for calls; says why.
    case notReady(String)
    /// The connection was gone before the answer was whole.
    case connectionLost
    /// What came is no HTTP/1.x, or its framing is wrong.
    case badHTTP(String)
    /// The head or the body of the answer is over its limit; says which.
    case tooLarge(String)
    /// As many calls are waiting as may.
    case queueFull

    init(_ error: HTTPError) {
        switch error {
        case .badHTTP(let reason): self = .badHTTP(reason)
        case .tooLarge(let reason): self = .tooLarge(reason)
        }
    }
}
