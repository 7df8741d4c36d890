import CHTTPParser
import EventLoop

/// Reads one HTTP/1.x response after another off a connection. The one file that knows http-parser.
final class HTTPResponseReader {
    enum Outcome {
        case needsMore
        /// - Parameter canGoOn: another request may go out on the connection.
        case complete(canGoOn: Bool)
        case failed(UpstreamError)
    }

    /// Gathered bodies of up to this size keep their memory for the next one.
    private static let keptCapacity = 256 * 1024
    /// An answer may have so many interim responses (1xx) before it.
    private static let maximumInterimResponses = 32
    /// What is kept of the body of an answer that is an error: enough for the message, which is cut shorter.
    static let errorBodyLimit = 8 * 1024

    private let parser = UnsafeMutablePointer<http_parser>.allocate(capacity: 1)
    private let settings = UnsafeMutablePointer<http_parser_settings>.allocate(capacity: 1)
    private let bodyLimit: Int

    private var delivery = Exchange.Delivery.whole
    private var receiver: (any ExchangeReceiver)?
    private var interimResponses = 0
    private var bodyLength = 0
    private var failure: UpstreamError?
    private var isComplete = false
    /// The answer can be read, but where a next one would begin is not certain.
    private var endsConnection = false
    /// What came of the body in this read: lent if it turns out to be all, gathered if more is to come.
    private var latest = UnsafeRawBufferPointer(start: nil, count: 0)
    private var gathered: [UInt8] = []

    /// Whether a byte of an answer has arrived since the request went out.
    private(set) var hasReceivedBytes = false

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
        http_parser_settings_init(settings)
        settings.pointee.on_headers_complete = { HTTPResponseReader.of($0).headersComplete() }
        settings.pointee.on_body = { parser, base, count in
            HTTPResponseReader.of(parser).received(UnsafeRawBufferPointer(start: base, count: count))
        }
        settings.pointee.on_message_complete = { HTTPResponseReader.of($0).messageComplete() }
    }

    deinit {
        parser.deallocate()
        settings.deallocate()
    }

    private static func of(_ parser: UnsafeMutablePointer<http_parser>?) -> HTTPResponseReader {
        Unmanaged<HTTPResponseReader>.fromOpaque(parser!.pointee.data).takeUnretainedValue()
    }

    /// Makes ready for the answer to a request.
    func expect(_ delivery: Exchange.Delivery, receiver: any ExchangeReceiver) {
        self.delivery = delivery
        self.receiver = receiver
        interimResponses = 0
        bodyLength = 0
        failure = nil
        isComplete = false
        endsConnection = false
        hasReceivedBytes = false
        http_parser_init(parser, HTTP_RESPONSE)
        parser.pointee.data = Unmanaged.passUnretained(self).toOpaque()
    }

    /// Nobody waits for the answer any more.
    func abandon() {
        forget()
    }

    /// Takes what arrived; none at all is the end of the connection, which ends some bodies (RFC 9112, section 6.3).
    func read(_ bytes: UnsafeRawBufferPointer) -> Outcome {
        hasReceivedBytes = hasReceivedBytes || !bytes.isEmpty
        let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        let parsed = http_parser_execute(parser, settings, base, bytes.count)
        if let failure { return .failed(failure) }
        if isComplete {
            let isWhole = parsed == bytes.count && !bytes.isEmpty
            return .complete(canGoOn: isWhole && !endsConnection && http_should_keep_alive(parser) != 0)
        }
        if bytes.isEmpty { return .failed(.connectionLost) }
        let problem = http_errno(rawValue: parser.pointee.http_errno)
        if problem == HPE_HEADER_OVERFLOW { return .failed(.tooLarge("the head of the answer is over 80 KiB")) }
        if problem != HPE_OK { return .failed(.badHTTP(String(cString: http_errno_description(problem)))) }
        gatherLatest()
        return .needsMore
    }

    /// The status and the body of a complete answer. The body is lent until the next call.
    func withAnswer(_ body: (Int, UnsafeRawBufferPointer) -> Void) {
        let status = Int(parser.pointee.status_code)
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

    private func forget() {
        receiver = nil
        latest = UnsafeRawBufferPointer(start: nil, count: 0)
        gathered.removeAll(keepingCapacity: gathered.capacity <= Self.keptCapacity)
    }

    private func gatherLatest() {
        guard !latest.isEmpty else { return }
        gathered += latest
        latest = UnsafeRawBufferPointer(start: nil, count: 0)
    }
}

// MARK: - Events of the parser: 0 goes on

extension HTTPResponseReader {
    /// What the parser takes as 'goes on, and there is no body'.
    private static let skipBody: Int32 = 1

    private var isSuccess: Bool { 200...299 ~= parser.pointee.status_code }

    private func headersComplete() -> Int32 {
        let head = parser.pointee
        guard head.http_major == 1 else { return fail(.badHTTP("HTTP/\(head.http_major).\(head.http_minor)")) }
        // http-parser takes any number below 1,000. 101 would be another protocol, which nobody asked for.
        guard 100...599 ~= head.status_code, head.status_code != 101 else {
            return fail(.badHTTP("status \(head.status_code)"))
        }
        if head.status_code < 200 {
            interimResponses += 1
            guard interimResponses <= Self.maximumInterimResponses else {
                return fail(.badHTTP("more than \(Self.maximumInterimResponses) interim responses"))
            }
            return Self.skipBody
        }
        let isChunked = head.flags & UInt32(F_CHUNKED.rawValue) != 0
        let isAnnounced = head.content_length != UInt64.max && !isChunked
        // HTTP/1.0 has no chunks, and a 204 neither chunks nor a length (RFC 9112, sections 6.1 and 6.2).
        endsConnection = isChunked && head.http_minor == 0
        if head.status_code == 204 { endsConnection = isChunked || isAnnounced && head.content_length > 0 }
        // http-parser believes their Content-Length; RFC 9112, section 6.3, says that they have no body.
        if head.status_code == 204 || head.status_code == 304 { return Self.skipBody }
        if head.uses_transfer_encoding != 0, !isChunked {
            return fail(.badHTTP("a transfer encoding other than chunked"))
        }
        if isAnnounced, limitsBody, head.content_length > UInt64(bodyLimit) { return failTooLarge() }
        return 0
    }

    private var limitsBody: Bool { !isSuccess || delivery == .whole }

    private func received(_ bytes: UnsafeRawBufferPointer) -> Int32 {
        bodyLength += bytes.count
        if limitsBody, bodyLength > bodyLimit { return failTooLarge() }
        if isSuccess {
            switch delivery {
            case .none: return 0
            case .parts:
                receiver?.received(part: bytes)
                // The receiver may have given up over it.
                return receiver == nil ? -1 : 0
            case .whole: break
            }
        } else if bodyLength - bytes.count > Self.errorBodyLimit {
            return 0
        }
        gatherLatest()
        latest = bytes
        return 0
    }

    private func messageComplete() -> Int32 {
        if parser.pointee.status_code < 200 { return 0 }
        isComplete = true
        // Whatever follows is not asked for: the parser stops here and leaves it unread.
        http_parser_pause(parser, 1)
        return 0
    }

    private func failTooLarge() -> Int32 {
        fail(.tooLarge("the body of the answer is over \(bodyLimit) bytes"))
    }

    private func fail(_ error: UpstreamError) -> Int32 {
        failure = error
        return -1
    }
}
