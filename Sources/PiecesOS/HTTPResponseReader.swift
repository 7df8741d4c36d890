import EventLoop

/// Reads one HTTP/1.x response after another off a connection, and delivers them as they are wanted.
final class HTTPResponseReader {
    enum Outcome {
        case needsMore
        /// - Parameter canGoOn: another request may go out on the connection.
        case complete(canGoOn: Bool)
        case failed(UpstreamError)
    }

    /// Gathered bodies of up to this size keep their memory for the next one.
    private static let keptCapacity = 256 * 1024
    /// What is kept of the body of an answer that is an error: enough for the message, which is cut shorter.
    static let errorBodyLimit = 8 * 1024

    private let bodyLimit: Int

    private var parser: HTTPResponseParser
    private var delivery = Exchange.Delivery.whole
    private var receiver: (any ExchangeReceiver)?
    private var bodyLength = 0
    /// What came of the body in this read: lent if it turns out to be all, gathered if more is to come.
    private var latest = UnsafeRawBufferPointer(start: nil, count: 0)
    private var gathered: [UInt8] = []

    /// Whether a byte of an answer has arrived since the request went out.
    private(set) var hasReceivedBytes = false
    /// The status of the answer, once its head has come.
    private(set) var status: Int?

    init(headLimit: Int, bodyLimit: Int) {
        self.bodyLimit = bodyLimit
        parser = HTTPResponseParser(headLimit: headLimit)
    }

    /// Makes ready for the answer to a request.
    func expect(_ delivery: Exchange.Delivery, receiver: any ExchangeReceiver) {
        self.delivery = delivery
        self.receiver = receiver
        bodyLength = 0
        hasReceivedBytes = false
        status = nil
        parser.reset()
    }

    /// Takes what arrived; none at all is the end of the connection, which ends some bodies (RFC 9112, section 6.3).
    func read(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        guard !bytes.isEmpty else {
            return parser.endsWithConnection ? .complete(canGoOn: false) : .failed(.connectionLost)
        }
        hasReceivedBytes = true
        var unread = bytes
        do throws(UpstreamError) {
            while let event = try parser.next(&unread) {
                switch event {
                case .head: status = parser.head.status
                case .bodyDue(let length):
                    if limitsBody, length > UInt64(bodyLimit - bodyLength) { throw tooLarge }
                case .body(let part):
                    try take(part)
                    // The receiver may have given up over it.
                    guard receiver != nil else { return .needsMore }
                // Whatever follows is not asked for.
                case .end: return .complete(canGoOn: unread.isEmpty && parser.head.keepsConnection)
                }
            }
        } catch {
            return .failed(error)
        }
        gatherLatest()
        return .needsMore
    }

    /// The status and the body of a complete answer. The body is lent until the next call.
    func withAnswer(_ body: (Int, UnsafeRawBufferPointer) -> Void) {
        let status = parser.head.status
        if gathered.isEmpty {
            body(status, latest)
        } else {
            gatherLatest()
            // The parsers behind this read whole vectors past the end (`Loop.readPadding`).
            gathered.reserveCapacity(gathered.count + Loop.readPadding)
            gathered.withUnsafeBytes { body(status, $0) }
        }
        forget()
    }

    /// Nobody waits for the answer any more.
    func forget() {
        receiver = nil
        latest = UnsafeRawBufferPointer(start: nil, count: 0)
        gathered.removeAll(keepingCapacity: gathered.capacity <= Self.keptCapacity)
    }
}

// MARK: - The body

extension HTTPResponseReader {
    private var isSuccess: Bool { 200...299 ~= parser.head.status }
    private var limitsBody: Bool { !isSuccess || delivery == .whole }
    private var tooLarge: UpstreamError { .tooLarge("the body of the answer is over \(bodyLimit) bytes") }

    private func take(_ part: UnsafeRawBufferPointer) throws(UpstreamError) {
        let before = bodyLength
        bodyLength += part.count
        if limitsBody, bodyLength > bodyLimit { throw tooLarge }
        if !isSuccess {
            keep(UnsafeRawBufferPointer(rebasing: part.prefix(max(Self.errorBodyLimit - before, 0))))
        } else if delivery == .whole {
            keep(part)
        } else if delivery == .parts {
            receiver?.received(part: part)
        }
    }

    private func keep(_ part: UnsafeRawBufferPointer) {
        gatherLatest()
        latest = part
    }

    private func gatherLatest() {
        guard !latest.isEmpty else { return }
        gathered += latest
        latest = UnsafeRawBufferPointer(start: nil, count: 0)
    }
}
