internal import Bytes

/// Takes a response apart as it arrives, and the interim ones before it (RFC 9112).
///
/// It is asked for one event at a time and calls nobody:
///
///     while let event = try parser.next(&unread) { … }
struct HTTPResponseParser: ~Copyable {
    enum Event {
        /// The head of the final answer has been read.
        case head
        /// So many more bytes of the body are to come: all of it, or a chunk.
        case bodyDue(UInt64)
        /// Some of the body, lent no longer than the bytes that were passed in.
        case body(UnsafeRawBufferPointer)
        case end
    }

    private enum State {
        case start
        case status
        case reason
        case fields
        case announced(UInt64)
        case body(UInt64)
        case chunks
        case untilClose
    }

    private(set) var head = HTTPResponseHead()
    private var state = State.start
    private var lines: HTTPLines
    private var memo = HTTPHeadMemo()
    private var chunks = ChunkedBody()

    /// - Parameter headLimit: bytes of all lines of one answer: heads, those of interim answers too, trailers, and the
    ///   extensions of chunks.
    init(headLimit: Int) {
        lines = HTTPLines(limit: headLimit)
    }

    /// Makes ready for the answer to a request.
    mutating func reset() {
        head = HTTPResponseHead()
        state = .start
        lines.reset()
    }

    /// Whether the end of the connection would be that of the answer.
    var endsWithConnection: Bool { if case .untilClose = state { true } else { false } }

    /// The next event in `unread`, which then begins behind it, or nil when more has to arrive. Not to be asked again
    /// after the end or an error.
    mutating func next(_ unread: inout UnsafeRawBufferPointer) throws(HTTPError) -> Event? {
        // A head that has come in one piece, and nothing before it.
        var whole: UnsafeRawBufferPointer?
        while true {
            switch state {
            case .start:
                whole = lines.hasTakenNothing ? unread : nil
                if whole != nil, let length = memo.length(in: unread) {
                    head = memo.head
                    lines.skip(length, &unread)
                    return try endHead()
                }
                // Empty lines before a status line are let go by, as servers do before a request line (section 2.2).
                guard let byte = unread.first else { return nil }
                if lines.isInLineEnd || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n") {
                    guard try lines.next(&unread) != nil else { return nil }
                } else {
                    head = HTTPResponseHead()
                    state = .status
                }
            case .status:
                if unread.isEmpty { return nil }
                lines.skip(try head.takeStatus(lines.allowed(unread)), &unread)
                if head.hasStatus { state = .reason }
            case .reason:
                guard let reason = try lines.next(&unread) else { return nil }
                try head.take(reason: reason)
                state = .fields
            case .fields:
                guard let line = try lines.next(&unread) else { return nil }
                if !line.isEmpty {
                    try head.take(fieldLine: line)
                } else if let event = try endHead() {
                    if let whole { memo.remember(head, UnsafeRawBufferPointer(rebasing: whole.dropLast(unread.count))) }
                    return event
                }
            case .announced(let length):
                state = .body(length)
                return .bodyDue(length)
            case .body(let remaining):
                if remaining == 0 { return .end }
                guard !unread.isEmpty else { return nil }
                let part = unread.removePrefix(atMost: Int(clamping: remaining))
                state = .body(remaining - UInt64(part.count))
                return .body(part)
            case .chunks:
                switch try chunks.next(&unread, &lines) {
                case .size(let size): return .bodyDue(size)
                case .data(let data): return .body(data)
                case nil: return chunks.isAtEnd ? .end : nil
                }
            case .untilClose:
                return unread.isEmpty ? nil : .body(unread.removePrefix(atMost: unread.count))
            }
        }
    }

    /// What the end of a head is: nothing yet, if it is that of an interim answer.
    private mutating func endHead() throws(HTTPError) -> Event? {
        let framing = try head.framing()
        guard head.status >= 200 else {
            state = .start
            return nil
        }
        switch framing {
        case .length(let length): state = .announced(length)
        case .chunked:
            state = .chunks
            chunks = ChunkedBody()
        case .untilClose: state = .untilClose
        }
        return .head
    }
}
