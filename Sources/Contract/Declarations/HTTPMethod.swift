/// What a request does to the upstream's resources (RFC 9110, section 9).
package enum HTTPMethod: String, CaseIterable, Sendable {
    case get = "GET"
    case put = "PUT"
    case post = "POST"
    case delete = "DELETE"
    case patch = "PATCH"

    /// It changes nothing.
    package var isRead: Bool { self == .get }

    /// It may be sent once more after a connection died with it. PUT and DELETE would be so by the RFC, but better an error than
    /// something done that nobody wants any longer.
    package var isRepeatable: Bool { self == .get }

    /// As on the wire.
    package var name: StaticString {
        switch self {
        case .get: "GET"
        case .put: "PUT"
        case .post: "POST"
        case .delete: "DELETE"
        case .patch: "PATCH"
        }
    }
}
