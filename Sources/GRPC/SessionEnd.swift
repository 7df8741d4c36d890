/// Why a session is over.
package enum SessionEnd: Equatable, Sendable, CustomStringConvertible {
    /// After a GOAWAY of either side, nothing is open any more.
    case finished
    /// The client does not begin as HTTP/2 does.
    case notHTTP2
    case flood(Flood)
    /// The client has violated HTTP/2; the code is that of RFC 9113, section 7.
    case violation(UInt32)
    /// There was no memory.
    case failure

    package var description: String {
        switch self {
        case .finished: "nothing is open after GOAWAY"
        case .notHTTP2: "the client does not begin as HTTP/2 does"
        case .flood(let flood): "too many \(flood)"
        case .violation(let code): "the client has violated HTTP/2: error code \(code)"
        case .failure: "no memory for HTTP/2"
        }
    }
}
