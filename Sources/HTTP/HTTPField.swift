/// A line of a head or of trailers: `field-name ":" OWS field-value OWS` (RFC 9112, section 5).
struct HTTPField {
    /// The fields that say how an answer is framed, and all others.
    enum Name {
        case connection
        case contentLength
        case transferEncoding
        case other
    }

    let name: Name
    let value: UnsafeRawBufferPointer

    init(_ line: UnsafeRawBufferPointer) throws(HTTPError) {
        var colon = 0
        while colon < line.count, line[colon].isHTTPTokenCharacter { colon += 1 }
        guard colon > 0, colon < line.count, line[colon] == UInt8(ascii: ":") else {
            throw .badHTTP("a header line that is no field")
        }
        name = Name(UnsafeRawBufferPointer(rebasing: line[..<colon]))
        value = UnsafeRawBufferPointer(rebasing: line[(colon + 1)...]).trimmed
    }

    /// Whether a line belongs to the value of the field before it (section 5.2).
    static func isContinued(by line: UnsafeRawBufferPointer) -> Bool {
        line.first?.isHTTPWhitespace ?? false
    }
}

extension HTTPField.Name {
    fileprivate init(_ name: UnsafeRawBufferPointer) {
        if name.isWord("content-length") {
            self = .contentLength
        } else if name.isWord("transfer-encoding") {
            self = .transferEncoding
        } else if name.isWord("connection") {
            self = .connection
        } else {
            self = .other
        }
    }
}
