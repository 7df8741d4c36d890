/// A piece of request metadata that goes out as an HTTP header.
package enum ForwardedHeader: Int, CaseIterable, Sendable {
    case application
    case applicationID
    case traceparent
    case tracestate

    /// As it is written in the request.
    package var name: String {
        switch self {
        case .application: "application"
        case .applicationID: "X-Application-ID"
        case .traceparent: "traceparent"
        case .tracestate: "tracestate"
        }
    }

    package static let maximumValueLength = 8 * 1024

    /// The header that a metadata key stands for, compared without case; `nil` for all that are not forwarded.
    package init?(key: UnsafeRawBufferPointer) {
        let match = Self.allCases.first { header in
            header.name.utf8.count == key.count
                && zip(header.name.utf8, key).allSatisfy { lowercased($0) == lowercased($1) }
        }
        guard let match else { return nil }
        self = match
    }

    /// Appends the header line. A value that could end the line, or that HTTP leaves undefined, is refused.
    package func append(_ value: UnsafeRawBufferPointer, to bytes: inout [UInt8]) throws(ForwardedHeaderError) {
        guard value.count <= Self.maximumValueLength else {
            throw ForwardedHeaderError(description: "metadata \(name): longer than 8 KiB")
        }
        guard value.allSatisfy({ 0x20...0x7E ~= $0 }) else {
            throw ForwardedHeaderError(description: "metadata \(name): a control character or one outside ASCII")
        }
        bytes += name.utf8
        bytes += [UInt8(ascii: ":"), UInt8(ascii: " ")]
        bytes += value
        bytes += [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
    }
}

/// Why a piece of metadata cannot be an HTTP header.
package struct ForwardedHeaderError: Error, CustomStringConvertible {
    package let description: String
}

private func lowercased(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
}
