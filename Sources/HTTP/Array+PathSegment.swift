internal import Bytes

/// Why a text cannot be one segment of a path.
package enum PathSegmentError: Error, Equatable, Sendable {
    /// It would name another resource.
    case empty
    /// `.` or `..`, which have a meaning of their own in a path even when they are encoded.
    case dots
}

extension [UInt8] {
    /// Appends a text percent-encoded as one segment of a path (RFC 3986, section 3.3).
    package mutating func append(pathSegment text: String) throws(PathSegmentError) {
        switch text {
        case "": throw .empty
        case ".", "..": throw .dots
        default: append(percentEncoding: text.utf8)
        }
    }
}
