internal import HTTP

/// The header lines that a client has its request carry.
package struct ForwardedHeaders: Equatable, Sendable {
    private(set) var lines = HTTPHeaderLines()
    /// Whether a trace context is among them, which belongs to one call alone.
    package private(set) var holdsTraceContext = false

    package init() {}

    package mutating func removeAll() {
        lines.removeAll()
        holdsTraceContext = false
    }

    package mutating func append(
        _ header: ForwardedHeader,
        _ value: UnsafeRawBufferPointer
    ) throws(ForwardedHeaderError) {
        do throws(HTTPHeaderLines.ValueError) {
            try lines.append(header.name, value)
        } catch {
            throw ForwardedHeaderError(header, error)
        }
        holdsTraceContext = holdsTraceContext || header == .traceparent || header == .tracestate
    }
}

/// Why a piece of metadata cannot be an HTTP header.
package struct ForwardedHeaderError: Error, CustomStringConvertible {
    package let description: String

    fileprivate init(_ header: ForwardedHeader, _ error: HTTPHeaderLines.ValueError) {
        let reason =
            switch error {
            case .tooLong: "longer than 8 KiB"
            case .notPrintableASCII: "a control character or one outside ASCII"
            }
        description = "metadata \(header.name): \(reason)"
    }
}
