import Calls
import Contract
import EventLoop
import HTTP
import PiecesOS
import Transcoding

/// Whose call it is. Each of the last four ends the call, which can be used again afterwards.
protocol CallOwner: AnyObject {
    /// A message of a stream, lent. The owner may pause the call over it.
    func send(_ message: UnsafeRawBufferPointer, of call: Call)
    /// The answer of a unary call, lent.
    func complete(_ call: Call, _ payload: UnsafeRawBufferPointer)
    /// The end of a stream.
    func complete(_ call: Call)
    func fail(_ call: Call, _ status: Status)
    /// Ends without an answer.
    func abandon(_ call: Call)
}

/// One call of a client that is carried out upstream, from its request to its answer. Used again for another when it has
/// ended, so that a call allocates nothing of its own.
final class Call {
    private let upstream: Upstream
    private let sharing: Sharing
    private let transcoder: JSONTranscoder
    private var timer: Timer?
    private lazy var exchange = Exchange(receiver: self)

    private let loop: Loop
    /// When it came, by the loop's clock.
    private(set) var startTime: UInt64 = 0
    /// `nil` between calls.
    private var owner: (any CallOwner)?
    private(set) var key = CallKey(0)
    private(set) var method: RoutedMethod?
    private var stream: MessageStream?
    var isStream: Bool { stream != nil }
    /// It keeps the upstream waiting until its client has read.
    private(set) var isPaused = false
    /// Whose answer the call shares, if it does not have an exchange of its own.
    private var source: (any SharedSource)?
    /// Its place in the list of those who share the answer.
    var place = 0

    init(loop: Loop, upstream: Upstream, sharing: Sharing, transcoder: JSONTranscoder) throws(LoopError) {
        self.loop = loop
        self.upstream = upstream
        self.sharing = sharing
        self.transcoder = transcoder
        timer = try Timer(loop: loop) { [unowned self] in giveUp(.deadlineExceeded) }
    }

    /// - Parameter nanoseconds: how long the call may take, waiting for an upstream connection included.
    func start(
        _ method: RoutedMethod,
        _ request: HTTPRequest,
        forwarding headers: ForwardedHeaders,
        for owner: any CallOwner,
        key: CallKey,
        nanoseconds: UInt64
    ) {
        self.owner = owner
        self.key = key
        self.method = method
        startTime = loop.now
        timer?.start(nanoseconds: nanoseconds)
        if method.isShared, let group = sharing.group(method, request, headers, nanoseconds: nanoseconds) {
            source = group
            return group.join(self)
        }
        stream = method.makeStream(transcoder)
        exchange.prepare(request, forwarding: headers, delivery: method.delivery, for: owner)
        upstream.submit(exchange)
    }

    // MARK: - Ending

    /// Forgets everything about the call, and says whose it was.
    private func finish() -> (any CallOwner)? {
        defer { owner = nil }
        timer?.stop()
        stream = nil
        source = nil
        isPaused = false
        return owner
    }

    func complete(_ payload: UnsafeRawBufferPointer) {
        finish()?.complete(self, payload)
    }

    func fail(_ status: Status) {
        var status = status
        status.operation = method?.method.name
        finish()?.fail(self, status)
    }

    /// The client no longer wants it, and says so.
    func cancel() {
        giveUp(.cancelled)
    }

    /// The gateway cannot wait for it any longer.
    func shutDown() {
        giveUp(.shuttingDown)
    }

    /// Ends the call, which may have been carried out all the same.
    func giveUp(_ status: Status) {
        var status = status
        status.httpStatus = source.map(\.httpStatus) ?? exchange.httpStatus
        status.requestSent = source?.requestSent ?? exchange.requestSent
        leave()
        fail(status)
    }

    /// Ends the call without an answer.
    func abandon() {
        leave()
        finish()?.abandon(self)
    }

    private func leave() {
        if let source { source.leave(self) } else { upstream.cancel(exchange) }
    }

    /// Frees what the loop holds for it. Nothing else may be asked of it afterwards.
    func close() {
        timer?.close()
        timer = nil
    }

    // MARK: - Flow control

    /// Lets the upstream feel that the client does not read.
    func pause() {
        isPaused = true
        exchange.pause()
    }

    func resume() {
        isPaused = false
        exchange.resume()
    }
}

extension Call: SharingCall {
    func isCarried(by source: any SharedSource) {
        self.source = source
    }
}

extension Call: ExchangeReceiver {
    func received(part: UnsafeRawBufferPointer) {
        do throws(JSONTranscodingError) {
            try stream?.consume(part) { owner?.send($0, of: self) }
        } catch {
            leave()
            fail(Status(error, httpStatus: exchange.httpStatus))
        }
    }

    func finished(status: Int, body: UnsafeRawBufferPointer) {
        guard let method else { preconditionFailure("an answer came for no call") }
        do throws(Status) {
            if stream != nil {
                try finishStream(status: status, body: body)
            } else {
                complete(try method.payload(status: status, body: body, transcoder))
            }
        } catch {
            fail(error)
        }
    }

    private func finishStream(status: Int, body: UnsafeRawBufferPointer) throws(Status) {
        guard 200...299 ~= status else { throw Status(httpStatus: status, body: body) }
        do throws(JSONTranscodingError) {
            try stream?.finish { owner?.send($0, of: self) }
        } catch {
            throw Status(error, httpStatus: status)
        }
        finish()?.complete(self)
    }

    func failed(_ error: UpstreamError) {
        fail(Status(error, httpStatus: exchange.httpStatus, requestSent: exchange.requestSent))
    }
}
