internal import Bytes

/// Reads one response after another off a connection, and picks what is wanted of each.
///
/// It is asked for one event at a time and calls nobody:
///
///     while let event = try reader.next(&unread) { … }
package struct HTTPResponseReader: ~Copyable {
    package enum Event {
        /// The head of the answer has come.
        case head(status: Int)
        /// Some of a body that is wanted, lent no longer than the bytes that were passed in.
        case part(UnsafeRawBufferPointer)
        /// The answer is whole.
        /// - Parameters:
        ///   - body: that of an error, as far as it is kept. Lent until the next call.
        ///   - canGoOn: another request may go out on the connection.
        case end(body: UnsafeRawBufferPointer, canGoOn: Bool)
    }

    /// Bytes behind all that are passed in, and so behind each part, that may be read too: the parsers of bodies read whole
    /// vectors past the end.
    package static let padding = 64
    /// What is kept of the body of an answer that is an error: enough for the message, which is cut shorter.
    static let errorBodyLimit = 8 * 1024

    private let bodyLimit: Int
    private var parser: HTTPResponseParser
    private var delivery = BodyDelivery.none
    private var bodyLength = 0
    /// The beginning of the body of an error.
    private var errorBody = ByteBuffer(capacity: 0)

    /// Whether a byte of an answer has arrived since the request went out.
    package private(set) var hasReceivedBytes = false

    package init(headLimit: Int, bodyLimit: Int) {
        self.bodyLimit = bodyLimit
        parser = HTTPResponseParser(headLimit: headLimit)
    }

    /// Makes ready for the answer to a request.
    package mutating func expect(_ delivery: BodyDelivery) {
        self.delivery = delivery
        bodyLength = 0
        hasReceivedBytes = false
        errorBody.count = 0
        parser.reset()
    }

    /// Bytes that the head says the body has; `nil` if it does not say, or no head has come.
    package var announcedLength: Int? { parser.head.contentLength.map { Int(clamping: $0) } }

    /// The next event in `unread`, which then begins behind it, or nil when more has to arrive. Whatever follows an end was
    /// not asked for. Not to be asked again after the end or an error.
    package mutating func next(_ unread: inout UnsafeRawBufferPointer) throws(HTTPError) -> Event? {
        if !unread.isEmpty { hasReceivedBytes = true }
        while let event = try parser.next(&unread) {
            switch event {
            case .head: return .head(status: parser.head.status)
            case .bodyDue(let length):
                if limitsBody, length > UInt64(bodyLimit - bodyLength) { throw tooLarge }
            case .body(let part):
                if let wanted = try take(part) { return .part(wanted) }
            case .end: return end(canGoOn: unread.isEmpty && parser.head.keepsConnection)
            }
        }
        return nil
    }

    /// The end of the answer, if that of the connection is one (RFC 9112, section 6.3); nil if the answer is cut off.
    package mutating func endOfConnection() -> Event? {
        parser.endsWithConnection ? end(canGoOn: false) : nil
    }
}

// MARK: - The body

extension HTTPResponseReader {
    private var isSuccess: Bool { 200...299 ~= parser.head.status }
    private var limitsBody: Bool { !isSuccess || delivery == .limitedParts }
    private var tooLarge: HTTPError { .tooLarge("the body of the answer is over \(bodyLimit) bytes") }

    /// Takes in some of the body.
    /// - Returns: the part, if it is wanted.
    private mutating func take(_ part: UnsafeRawBufferPointer) throws(HTTPError) -> UnsafeRawBufferPointer? {
        let before = bodyLength
        bodyLength += part.count
        if limitsBody, bodyLength > bodyLimit { throw tooLarge }
        guard !isSuccess else { return delivery == .none ? nil : part }
        errorBody.append(UnsafeRawBufferPointer(rebasing: part.prefix(max(Self.errorBodyLimit - before, 0))))
        return nil
    }

    private func end(canGoOn: Bool) -> Event {
        .end(body: errorBody.bytes, canGoOn: canGoOn)
    }
}
