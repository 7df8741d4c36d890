internal import Bytes

/// A model id that cannot be one segment of a path.
package struct ModelIDError: Error, CustomStringConvertible {
    package let description: String
}

/// Appends an id percent-encoded as one segment (RFC 3986, section 3.3). `.` and `..` have a meaning of their own in a
/// path even when they are encoded, and an empty segment would name another resource.
package func appendPathSegment(_ id: String, to path: inout [UInt8]) throws(ModelIDError) {
    switch id {
    case "": throw ModelIDError(description: "model: an empty id names no model")
    case ".", "..": throw ModelIDError(description: "model: '\(id)' cannot be the id of a model")
    default: break
    }
    path.append(percentEncoding: id.utf8)
}
