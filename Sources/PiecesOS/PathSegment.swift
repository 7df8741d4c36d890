/// A model id that cannot be one segment of a path.
package struct ModelIDError: Error, CustomStringConvertible {
    package let description: String
}

/// Appends an id percent-encoded as one segment (RFC 3986, section 3.3). `.` and `..` have a meaning of their own in a
/// path even when they are encoded, and an empty segment would name another resource.
func appendPathSegment(_ id: String, to path: inout [UInt8]) throws(ModelIDError) {
    switch id {
    case "": throw ModelIDError(description: "model: an empty id names no model")
    case ".", "..": throw ModelIDError(description: "model: '\(id)' cannot be the id of a model")
    default: break
    }
    for byte in id.utf8 {
        if isUnreserved(byte) {
            path.append(byte)
        } else {
            path.append(UInt8(ascii: "%"))
            path.append(hexDigit(byte >> 4))
            path.append(hexDigit(byte & 0xF))
        }
    }
}

/// The characters that mean themselves everywhere in a URI (RFC 3986, section 2.3).
private func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
    default: false
    }
}

private func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
}
