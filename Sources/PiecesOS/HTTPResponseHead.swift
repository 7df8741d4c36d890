/// What the head of a response says of its status, of where its body ends, and of its connection (RFC 9112).
struct HTTPResponseHead {
    enum Framing {
        case length(UInt64)
        case chunked
        case untilClose
    }

    static let beginning: StaticString = "HTTP/"

    private(set) var status = 0
    private var isHTTP10 = false
    private var contentLength: UInt64?
    private var transferEncoding: TransferEncoding?
    private var asksToClose = false
    private var asksToKeepAlive = false
    private var lastField: HTTPField.Name?

    private enum TransferEncoding {
        case chunked
        case other
    }

    /// Takes in `HTTP/1.1 SP 3DIGIT [ SP reason-phrase ]` (section 4), which is known to begin with `HTTP/`. More than one
    /// space before the status may be taken for one.
    mutating func take(statusLine line: UnsafeRawBufferPointer) throws(UpstreamError) {
        let version = UnsafeRawBufferPointer(rebasing: line.dropFirst(Self.beginning.utf8CodeUnitCount).prefix(3))
        guard version.count == 3, let major = version[0].decimalDigit, version[1] == UInt8(ascii: "."),
            let minor = version[2].decimalDigit
        else { throw .badHTTP("no version of HTTP") }
        guard major == 1 else { throw .badHTTP("HTTP/\(major).\(minor)") }
        isHTTP10 = minor == 0

        let rest = UnsafeRawBufferPointer(rebasing: line.dropFirst(Self.beginning.utf8CodeUnitCount + 3))
        let spaces = rest.prefix { $0 == UInt8(ascii: " ") }.count
        let digits = rest.dropFirst(spaces).prefix { $0.decimalDigit != nil }
        let end = spaces + digits.count
        guard spaces > 0, digits.count == 3, end == rest.count || rest[end] == UInt8(ascii: " ") else {
            throw .badHTTP("no status of three digits")
        }
        status = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        // 101 would be another protocol, which nobody asked for.
        guard 100...599 ~= status, status != 101 else { throw .badHTTP("status \(status)") }
    }

    /// Takes in a line that is not empty.
    mutating func take(fieldLine line: UnsafeRawBufferPointer) throws(UpstreamError) {
        if let lastField, HTTPField.isContinued(by: line) {
            // A gateway need not understand folded lines (section 5.2). Where they could change the framing, it does not.
            guard lastField == .other else { throw .badHTTP("a folded line in a field about framing") }
            return
        }
        let field = try HTTPField(line)
        lastField = field.name
        switch field.name {
        case .contentLength: try take(contentLength: field.value)
        case .transferEncoding: take(transferEncoding: field.value)
        case .connection: take(connection: field.value)
        case .other: break
        }
    }

    private mutating func take(contentLength value: UnsafeRawBufferPointer) throws(UpstreamError) {
        guard contentLength == nil else { throw .badHTTP("more than one Content-Length") }
        var length: UInt64? = value.isEmpty ? nil : 0
        for byte in value {
            guard let digit = byte.decimalDigit else { throw .badHTTP("a Content-Length that is no number") }
            length = length?.appending(digit, radix: 10)
        }
        guard let length else { throw .badHTTP("a Content-Length that is no number of bytes") }
        contentLength = length
    }

    /// Chunked once and nothing else: nobody asked for other codings, which TE would do (section 7.4).
    private mutating func take(transferEncoding value: UnsafeRawBufferPointer) {
        var codings = 0
        value.forEachElement { coding in
            codings += 1
            transferEncoding = transferEncoding == nil && coding.isWord("chunked") ? .chunked : .other
        }
        if codings == 0 { transferEncoding = .other }
    }

    private mutating func take(connection value: UnsafeRawBufferPointer) {
        value.forEachElement { option in
            if option.isWord("close") { asksToClose = true }
            if option.isWord("keep-alive") { asksToKeepAlive = true }
        }
    }

    /// Where the body of the answer ends (section 6.3). Asked at the end of the head.
    func framing() throws(UpstreamError) -> Framing {
        guard contentLength == nil || transferEncoding == nil else {
            throw .badHTTP("both Content-Length and Transfer-Encoding")
        }
        if hasNoBody { return .length(0) }
        switch transferEncoding {
        case .chunked: return .chunked
        case .other: throw .badHTTP("a transfer encoding other than chunked")
        case nil: return contentLength.map { .length($0) } ?? .untilClose
        }
    }

    private var hasNoBody: Bool { status < 200 || status == 204 || status == 304 }

    /// Whether another request may go out on the connection (section 9.3), if the end of the answer is not its end.
    var keepsConnection: Bool {
        // HTTP/1.0 has no transfer encoding, and a 204 neither that nor a length (sections 6.1 and 6.2): such an answer
        // can be read, but where a next one would begin is not certain.
        if transferEncoding != nil, isHTTP10 || status == 204 { return false }
        if status == 204, let contentLength, contentLength > 0 { return false }
        return !asksToClose && (!isHTTP10 || asksToKeepAlive)
    }
}
