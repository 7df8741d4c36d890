internal import Bytes

/// What the head of a response says of its status, of where its body ends, and of its connection (RFC 9112).
struct HTTPResponseHead {
    enum Framing {
        case length(UInt64)
        case chunked
        case untilClose
    }

    private(set) var status = 0
    /// 11 for HTTP/1.1.
    private var version = 0
    private var statusBytes = 0
    private(set) var contentLength: UInt64?
    private var transferEncoding: TransferEncoding?
    private var asksToClose = false
    private var asksToKeepAlive = false
    private var lastField: HTTPField.Name?

    var hasStatus: Bool { statusBytes == 12 }
    private var isHTTP10: Bool { version == 10 }

    private enum TransferEncoding {
        case chunked
        case other
    }

    /// Takes in `HTTP/1.1 SP 3DIGIT`, what a status line begins with (section 4), and says how many of the bytes it is. More
    /// than one space may be taken for one. It does not wait for the end of the line, which may never come of what is no
    /// HTTP.
    mutating func takeStatus(_ bytes: UnsafeRawBufferPointer) throws(HTTPError) -> Int {
        var count = 0
        if statusBytes == 0, bytes.count >= 8, bytes.loadUnaligned(as: UInt64.self) == Self.usualVersion {
            (count, statusBytes, version) = (8, 8, 11)
        }
        while count < bytes.count, !hasStatus {
            let byte = bytes[count]
            count += 1
            switch statusBytes {
            case ..<5, 6: guard byte == Self.pattern.utf8Start[statusBytes] else { throw Self.noHTTP }
            case 5, 7:
                guard byte.isDecimalDigit else { throw Self.noHTTP }
                version = version * 10 + Int(byte & 0xF)
                guard statusBytes == 5 || 10..<20 ~= version else {
                    throw .badHTTP("HTTP/\(version / 10).\(version % 10)")
                }
            case 8: guard byte == UInt8(ascii: " ") else { throw Self.noStatus }
            case 9 where byte == UInt8(ascii: " "): continue
            default:
                guard byte.isDecimalDigit else { throw Self.noStatus }
                status = status * 10 + Int(byte & 0xF)
            }
            statusBytes += 1
        }
        // 101 would be another protocol, which nobody asked for.
        guard !hasStatus || 100...599 ~= status && status != 101 else { throw .badHTTP("status \(status)") }
        return count
    }

    /// Checks what comes behind: `[ SP reason-phrase ]`.
    func take(reason: UnsafeRawBufferPointer) throws(HTTPError) {
        guard reason.isEmpty || reason[0] == UInt8(ascii: " ") else { throw Self.noStatus }
    }

    private static let pattern: StaticString = "HTTP/1.1 200"
    /// `HTTP/1.1`, which nearly every answer begins with, as a word to compare at once.
    private static let usualVersion = UInt64(littleEndian: 0x312E_312F_5054_5448)
    private static let noHTTP = HTTPError.badHTTP("it does not begin as HTTP does")
    private static let noStatus = HTTPError.badHTTP("no status of three digits")

    /// Takes in a line that is not empty.
    mutating func take(fieldLine line: UnsafeRawBufferPointer) throws(HTTPError) {
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

    private mutating func take(contentLength value: UnsafeRawBufferPointer) throws(HTTPError) {
        guard contentLength == nil else { throw .badHTTP("more than one Content-Length") }
        var length: UInt64? = value.isEmpty ? nil : 0
        for byte in value {
            length = byte.decimalDigit.flatMap { length?.appending($0, radix: 10) }
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
    func framing() throws(HTTPError) -> Framing {
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
