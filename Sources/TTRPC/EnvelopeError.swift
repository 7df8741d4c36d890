package import Bytes

/// Why the data of a request frame is no `ttrpc.Request`.
package struct EnvelopeError: Error, Equatable, CustomStringConvertible {
    package let field: Field
    package let problem: ProtobufProblem

    package var description: String {
        "\(field.rawValue): \(problem.rawValue)"
    }

    /// The part of the envelope that an error is about, or `request` where none can be named.
    package enum Field: String, Sendable {
        case request
        case service
        case method
        case payload
        case timeoutNano = "timeout_nano"
        case metadata
        case metadataKey = "metadata key"
        case metadataValue = "metadata value"
    }
}
