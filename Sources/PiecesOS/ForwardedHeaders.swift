/// The header lines that a client has its request carry.
package struct ForwardedHeaders: Equatable, Sendable {
    /// Each with its CRLF.
    private(set) var lines: [UInt8] = []
    /// Whether a trace context is among them, which belongs to one call alone.
    package private(set) var holdsTraceContext = false

    package init() {}

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
        lines += header.name.utf8
        lines += [UInt8(ascii: ":"), UInt8(ascii: " ")]
        lines += value
        lines += [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
        holdsTraceContext = holdsTraceContext || header == .traceparent || header == .tracestate
    }
}
