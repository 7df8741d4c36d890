import Calls
import PiecesOS

extension ForwardedHeaders {
    /// Takes the headers of a request from its metadata, in place of what was there.
    mutating func read(_ metadata: RequestMetadata) throws(Status) {
        removeAll()
        guard !metadata.isEmpty else { return }
        do throws(ForwardedHeaderError) {
            try metadata.handOut { (key, value) throws(ForwardedHeaderError) in
                try append(ForwardedHeader(key), value)
            }
        } catch {
            throw Status(.invalidArgument, .badRequest, error.description)
        }
    }
}

extension ForwardedHeader {
    init(_ key: RequestMetadata.Key) {
        self =
            switch key {
            case .application: .application
            case .applicationID: .applicationID
            case .traceparent: .traceparent
            case .tracestate: .tracestate
            }
    }
}
