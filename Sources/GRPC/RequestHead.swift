internal import Bytes
internal import Calls

/// What the fields of a request's head say, and whether a head may be so (RFC 9113, sections 8.1 to 8.3). nghttp2 does not
/// judge, because it refuses what stock clients put into `:authority`.
struct RequestHead {
    /// The longest header list that is taken: MAX_HEADER_LIST_SIZE.
    static let maximumListLength = 16_384

    enum Method {
        case post
        case get
        case head
        case other
    }

    enum ContentType {
        case absent
        case grpc
        case other
    }

    /// What has to be kept of a field.
    enum Use {
        case path
        case metadata
    }

    private struct Seen: OptionSet {
        let rawValue: UInt8
        static let method = Seen(rawValue: 1)
        static let scheme = Seen(rawValue: 2)
        static let path = Seen(rawValue: 4)
        static let authority = Seen(rawValue: 8)
        static let regular = Seen(rawValue: 16)
    }

    /// These fields stand behind a request's messages.
    var isTrailers = false
    private(set) var method = Method.other
    private(set) var hasOrigin = false
    private(set) var contentType = ContentType.absent
    private(set) var timeout: CallTimeout? = .unspecified
    private(set) var encoding: RequestEncoding? = .identity
    private(set) var contentLength: UInt64?
    private var hasFault = false
    private var seen: Seen = []
    private var listLength = 0

    /// All of it has been seen, and a request's head must not be so.
    var isMalformed: Bool {
        hasFault || (!isTrailers && !seen.isSuperset(of: [.method, .scheme, .path]))
    }

    var isTooLong: Bool { listLength > Self.maximumListLength }

    /// Takes in the next field, and says whether its value is needed later.
    mutating func take(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Use? {
        // Bounded, because a bomb of references to one long field has no end.
        listLength = min(listLength + name.count + value.count + 32, 1 << 30)
        if isTooLong, hasFault || seen.contains(.regular) {
            // It is refused, whatever else is in it, and not looked at closely: there may be thousands of fields in a piece.
            if name.spells("origin") { hasOrigin = true }
            if name.spells("content-type") { takeContentType(value) }
            return nil
        }
        guard let first = name.first else {
            hasFault = true
            return nil
        }
        if first == UInt8(ascii: ":") { return takePseudo(name, value) }
        seen.insert(.regular)
        if !name.allSatisfy(\.isFieldNameByte) { hasFault = true }
        return takeRegular(name, value)
    }

    private mutating func takePseudo(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Use? {
        let field: Seen =
            if name.spells(":method") { .method } else if name.spells(":path") { .path } else if name.spells(":scheme")
            {
                .scheme
            } else if name.spells(":authority") { .authority } else { [] }
        if field.isEmpty || isTrailers || seen.contains(.regular) || seen.contains(field) { hasFault = true }
        seen.insert(field)
        switch field {
        case .method:
            method =
                if value.spells("POST") { .post } else if value.spells("GET") { .get } else if value.spells("HEAD") {
                    .head
                } else { .other }
        case .path:
            if value.isEmpty { hasFault = true }
            return isTooLong ? nil : .path
        default: break
        }
        return nil
    }

    private mutating func takeRegular(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Use? {
        switch name.count {
        case 2 where name.spells("te"):
            if !value.spells("trailers") { hasFault = true }
        case 6 where name.spells("origin"): hasOrigin = true
        case 7 where name.spells("upgrade"): hasFault = true
        case 10 where name.spells("connection") || name.spells("keep-alive"): hasFault = true
        case 12 where name.spells("content-type"):
            takeContentType(value)
        case 12 where name.spells("grpc-timeout"): timeout = CallTimeout(grpc: value)
        case 13 where name.spells("grpc-encoding"): encoding = RequestEncoding(value)
        case 14 where name.spells("content-length"): takeContentLength(value)
        case 16 where name.spells("proxy-connection"): hasFault = true
        case 17 where name.spells("transfer-encoding"): hasFault = true
        default: return !isTrailers && !isTooLong && RequestMetadata.Key(name) != nil ? .metadata : nil
        }
        return nil
    }

    private mutating func takeContentType(_ value: UnsafeRawBufferPointer) {
        contentType = value.spells("application/grpc") || value.spells("application/grpc+proto") ? .grpc : .other
    }

    private mutating func takeContentLength(_ value: UnsafeRawBufferPointer) {
        var length: UInt64 = 0
        // What has so many digits is longer than any request that is taken.
        guard 1...18 ~= value.count else {
            hasFault = true
            return
        }
        for byte in value {
            guard let digit = byte.decimalDigit else {
                hasFault = true
                return
            }
            length = 10 * length + UInt64(digit)
        }
        if let contentLength, contentLength != length { hasFault = true }
        contentLength = length
    }
}

extension UInt8 {
    /// A character of a field's name: a token of RFC 9110, section 5.6.2, without capitals.
    fileprivate var isFieldNameByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"): true
        case UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"): true
        default: false
        }
    }
}
