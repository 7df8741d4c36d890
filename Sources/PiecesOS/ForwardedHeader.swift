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
}

/// Why a piece of metadata cannot be an HTTP header.
package struct ForwardedHeaderError: Error, CustomStringConvertible {
    package let description: String
}

private func lowercased(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
}
