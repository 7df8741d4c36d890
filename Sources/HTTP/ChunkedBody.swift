internal import Bytes

/// Takes a chunked body apart as it arrives (RFC 9112, section 7.1):
///
///     chunk-size [ extensions ] CRLF  data CRLF  ...  0 [ extensions ] CRLF  trailers  CRLF
///
/// Blanks between a size and its extensions are let go by, and where there are none too: some servers pad their sizes.
struct ChunkedBody {
    enum Event {
        /// The size of a chunk, not 0. Its data is to come.
        case size(UInt64)
        /// Some of the data of a chunk.
        case data(UnsafeRawBufferPointer)
    }

    private enum State {
        case size(digits: Int)
        case blanks(count: Int)
        case extensions
        case sizeLineFeed
        case data
        case dataCarriageReturn
        case dataLineFeed
        case trailers(areContinued: Bool)
        case end
    }

    private var state = State.size(digits: 0)
    /// Of the data of a chunk; while its size is read, what that is so far.
    private var remaining: UInt64 = 0

    /// The body is whole.
    var isAtEnd: Bool { if case .end = state { true } else { false } }

    /// The next event in `unread`, which then begins behind it, or nil when there is no more in it, or in the body.
    /// - Parameter lines: cuts out extensions and trailers, which count towards its limit. Sizes do not: a long body may
    ///   have any number of chunks.
    mutating func next(
        _ unread: inout UnsafeRawBufferPointer,
        _ lines: inout HTTPLines
    ) throws(HTTPError) -> Event? {
        while !unread.isEmpty {
            switch state {
            case .size(let digits):
                guard digits < lines.limit else { throw lines.tooLarge }
                try takeSize(digits, from: &unread)
            case .blanks(let count):
                guard count < lines.limit else { throw lines.tooLarge }
                try takeBlank(count, from: &unread)
            case .extensions:
                guard try lines.next(&unread, endsInLineFeed: false) != nil else { return nil }
                if let size = endSize() { return size }
            case .sizeLineFeed:
                try take(UInt8(ascii: "\n"), from: &unread)
                if let size = endSize() { return size }
            case .data:
                let data = unread.removePrefix(atMost: Int(clamping: remaining))
                remaining -= UInt64(data.count)
                if remaining == 0 { state = .dataCarriageReturn }
                return .data(data)
            case .dataCarriageReturn:
                try take(UInt8(ascii: "\r"), from: &unread)
                state = .dataLineFeed
            case .dataLineFeed:
                try take(UInt8(ascii: "\n"), from: &unread)
                state = .size(digits: 0)
            case .trailers(let areContinued):
                guard let line = try lines.next(&unread) else { return nil }
                try takeTrailer(line, areContinued)
            case .end: return nil
            }
        }
        return nil
    }

    private static let noSize = HTTPError.badHTTP("a chunk size that is no number of bytes")

    private mutating func takeSize(_ digits: Int, from unread: inout UnsafeRawBufferPointer) throws(HTTPError) {
        guard let digit = unread[0].hexadecimalDigit else {
            guard digits > 0 else { throw Self.noSize }
            state = .blanks(count: 0)
            return
        }
        guard let size = remaining.appending(digit, radix: 16) else { throw Self.noSize }
        remaining = size
        state = .size(digits: digits + 1)
        _ = unread.removePrefix(atMost: 1)
    }

    /// Takes a byte behind the digits of a size.
    private mutating func takeBlank(_ count: Int, from unread: inout UnsafeRawBufferPointer) throws(HTTPError) {
        switch unread[0] {
        case UInt8(ascii: ";"):
            state = .extensions
            return
        case UInt8(ascii: "\r"): state = .sizeLineFeed
        case let byte where byte.isHTTPWhitespace: state = .blanks(count: count + 1)
        default: throw Self.noSize
        }
        _ = unread.removePrefix(atMost: 1)
    }

    private mutating func endSize() -> Event? {
        guard remaining > 0 else {
            state = .trailers(areContinued: false)
            return nil
        }
        state = .data
        return .size(remaining)
    }

    private func take(_ expected: UInt8, from unread: inout UnsafeRawBufferPointer) throws(HTTPError) {
        guard unread.removePrefix(atMost: 1).first == expected else {
            throw .badHTTP("a chunk that does not end where it should")
        }
    }

    /// Trailers are read only to find where they end.
    private mutating func takeTrailer(
        _ line: UnsafeRawBufferPointer,
        _ areContinued: Bool
    ) throws(HTTPError) {
        if line.isEmpty {
            state = .end
        } else {
            if !areContinued || !HTTPField.isContinued(by: line) { _ = try HTTPField(line) }
            state = .trailers(areContinued: true)
        }
    }
}
