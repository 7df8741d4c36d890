/// A piece of request metadata that goes out as an HTTP header.
package enum ForwardedHeader: CaseIterable, Sendable {
    case application
    case applicationID
    case traceparent
    case tracestate

    /// As it is written in the request.
    package var name: StaticString {
        switch self {
        case .application: "application"
        case .applicationID: "X-Application-ID"
        case .traceparent: "traceparent"
        case .tracestate: "tracestate"
        }
    }
}
