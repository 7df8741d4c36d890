/// Takes a chunked body apart as it arrives (RFC 9112, section 7.1):
///
///     chunk-size [ extensions ] CRLF  data CRLF  ...  0 [ extensions ] CRLF  trailers  CRLF
///
/// Sizes are no lines to it, because they count towards no limit but their own.
struct ChunkedBody {
    private enum State {
        case size(UInt64, digits: Int)
        case sizeEnd(UInt64)
        case extensions(UInt64)
        case sizeLineFeed(UInt64)
        case data(UInt64)
        case dataCarriageReturn
        case dataLineFeed
        case trailers(Int)
        case end
    }

    private static let noSize = UpstreamError.badHTTP("a chunk size that is no number of bytes")

    private var state = State.size(0, digits: 0)

    /// The body is whole.
    var isAtEnd: Bool { if case .end = state { true } else { false } }

    /// The next data in `unread`, which then begins behind it, or nil when there is no more in it, or in the body.
    /// - Parameter lines: what cuts extensions and trailers out, which count towards its limit.
    mutating func next(
        _ unread: inout UnsafeRawBufferPointer,
        _ lines: inout HTTPLines
    ) throws(UpstreamError) -> UnsafeRawBufferPointer? {
        while let byte = unread.first {
            switch state {
            case .size(let size, let digits):
                if let digit = byte.hexadecimalDigit {
                    _ = unread.removePrefix(atMost: 1)
                    guard digits < lines.limit else { throw lines.tooLarge }
                    guard let longer = size.appending(digit, radix: 16) else { throw Self.noSize }
                    state = .size(longer, digits: digits + 1)
                } else {
                    guard digits > 0 else { throw Self.noSize }
                    state = .sizeEnd(size)
                }
            case .sizeEnd(let size):
                if byte == UInt8(ascii: "\r") {
                    _ = unread.removePrefix(atMost: 1)
                    state = .sizeLineFeed(size)
                } else {
                    state = .extensions(size)
                }
            case .extensions(let size):
                guard let line = try lines.next(&unread, endsInLineFeed: false) else { return nil }
                guard line.trimmed.first == UInt8(ascii: ";") else { throw Self.noSize }
                state = size == 0 ? .trailers(0) : .data(size)
            case .sizeLineFeed(let size):
                try take(UInt8(ascii: "\n"), from: &unread)
                state = size == 0 ? .trailers(0) : .data(size)
            case .data(let remaining):
                let data = unread.removePrefix(atMost: Int(clamping: remaining))
                let left = remaining - UInt64(data.count)
                state = left == 0 ? .dataCarriageReturn : .data(left)
                return data
            case .dataCarriageReturn:
                try take(UInt8(ascii: "\r"), from: &unread)
                state = .dataLineFeed
            case .dataLineFeed:
                try take(UInt8(ascii: "\n"), from: &unread)
                state = .size(0, digits: 0)
            case .trailers(let count):
                guard let line = try lines.next(&unread) else { return nil }
                if line.isEmpty {
                    state = .end
                } else {
                    // Trailers are read only to find their end.
                    if count == 0 || !HTTPField.isContinued(by: line) { _ = try HTTPField(line) }
                    state = .trailers(count + 1)
                }
            case .end: return nil
            }
        }
        return nil
    }

    private func take(_ expected: UInt8, from unread: inout UnsafeRawBufferPointer) throws(UpstreamError) {
        guard unread.removePrefix(atMost: 1).first == expected else {
            throw .badHTTP("a chunk that does not end where it should")
        }
    }
}
