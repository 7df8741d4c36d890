internal import Bytes

/// The header lines that a client has its request carry.
package struct ForwardedHeaders: Equatable, Sendable {
    /// Each with its CRLF.
    private(set) var lines: [UInt8] = []
    /// Whether a trace context is among them, which belongs to one call alone.
    package private(set) var holdsTraceContext = false

    package init() {}

    /// Takes over what another holds, into memory that is used again.
    package mutating func replace(with other: ForwardedHeaders) {
        lines.removeAll(keepingCapacity: true)
        lines += other.lines
        holdsTraceContext = other.holdsTraceContext
    }

    package mutating func removeAll() {
        lines.removeAll(keepingCapacity: true)
        holdsTraceContext = false
    }

    /// Appends a header. A value that could end the line, or that HTTP leaves undefined, is refused.
    package mutating func append(
        _ header: ForwardedHeader,
        _ value: UnsafeRawBufferPointer
    ) throws(ForwardedHeaderError) {
        guard value.count <= ForwardedHeader.maximumValueLength else {
            throw ForwardedHeaderError(description: "metadata \(header.name): longer than 8 KiB")
        }
        guard value.allSatisfy({ 0x20...0x7E ~= $0 }) else {
            throw ForwardedHeaderError(
                description: "metadata \(header.name): a control character or one outside ASCII"
            )
        }
        lines.append(header.name)
        lines.append(": ")
        lines += value
        lines.append("\r\n")
        holdsTraceContext = holdsTraceContext || header == .traceparent || header == .tracestate
    }
}
