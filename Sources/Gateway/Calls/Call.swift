import Calls
import Contract
import EventLoop
import HTTP
import PiecesOS
import Transcoding

/// Whose call it is. Each of the last four ends the call, which can be used again afterwards.
protocol CallOwner: AnyObject {
    /// What holds the answer of a unary call until the client has read others; `nil` if the call can be completed now.
    func holdBack(_ payload: Payload) -> HeldAnswer?
    /// A message of a stream, lent. The owner may pause the call over it.
    func send(_ message: UnsafeRawBufferPointer, of call: Call)
    /// The answer of a unary call.
    func complete(_ call: Call, _ payload: Payload)
    /// The end of a stream.
    func complete(_ call: Call)
    func fail(_ call: Call, _ status: Status)
    /// Ends without an answer.
    func abandon(_ call: Call)
}

/// One call of a client that is carried out upstream, or by the gateway but not at once, from its request to its answer.
/// Used again for another when it has ended, so that a call allocates nothing of its own.
final class Call {
    private let sharing: Sharing
    private let makeExchange: (any RoutedExchange.Owner) -> RoutedExchange
    private var timer: Timer?
    private lazy var exchange = makeExchange(self)

    private let loop: Loop
    /// When it came, in nanoseconds of the loop's clock.
    private var startTime: UInt64 = 0
    /// Nanoseconds since it came.
    var duration: UInt64 { loop.turnTime - startTime }
    /// Nanoseconds that it may take.
    private var allowedTime = UInt64.max
    /// Its time is all but over: a client that leaves now has waited for it, and its clock is a little ahead.
    var isNearDeadline: Bool { duration >= allowedTime - allowedTime / 8 }
    /// `nil` between calls.
    private var owner: (any CallOwner)?
    private(set) var key = CallKey(0)
    private(set) var method: Method?
    /// It sends messages of Pieces OS.
    private(set) var isStream = false
    /// It keeps the upstream waiting until its client has read.
    private(set) var isPaused = false
    var recentPauses = RecentPauses()
    /// Where its answer comes from, if it does not have an exchange of its own.
    private var source: (any SharedSource)?
    /// Its answer, if it is there and the client has to read others first.
    private(set) var heldAnswer: HeldAnswer?
    /// Its place in the list of those who share the answer.
    var place = 0

    /// - Parameter makeExchange: the one that a call needs which does not share an answer.
    init(
        loop: Loop,
        sharing: Sharing,
        _ makeExchange: @escaping (any RoutedExchange.Owner) -> RoutedExchange
    ) throws(LoopError) {
        self.loop = loop
        self.sharing = sharing
        self.makeExchange = makeExchange
        timer = try Timer(loop: loop) { [unowned self] in giveUp(.deadlineExceeded) }
    }

    /// - Parameter nanoseconds: how long the call may take, waiting for an upstream connection included.
    func start(
        _ route: RoutedMethod,
        _ request: HTTPRequest,
        forwarding headers: ForwardedHeaders,
        for owner: any CallOwner,
        key: CallKey,
        nanoseconds: UInt64
    ) {
        begin(route.method, for: owner, key, nanoseconds: nanoseconds)
        if route.isShared, let group = sharing.group(route, request, headers, nanoseconds: nanoseconds) {
            source = group
            return group.join(self)
        }
        isStream = route.isStream
        exchange.start(route, request, forwarding: headers, for: owner)
    }

    /// Has the gateway carry it out.
    /// - Parameter nanoseconds: how long it may take; `nil`: until its client leaves.
    func start(
        _ method: Method,
        _ work: any LocalWork,
        for owner: any CallOwner,
        key: CallKey,
        nanoseconds: UInt64?
    ) {
        begin(method, for: owner, key, nanoseconds: nanoseconds)
        source = work
        work.begin(self)
    }

    private func begin(_ method: Method, for owner: any CallOwner, _ key: CallKey, nanoseconds: UInt64?) {
        self.owner = owner
        self.key = key
        self.method = method
        startTime = loop.turnTime
        allowedTime = nanoseconds ?? .max
        if let nanoseconds { timer?.start(nanoseconds: nanoseconds) }
    }

    // MARK: - Ending

    /// Forgets everything about the call, and says whose it was.
    private func finish() -> (any CallOwner)? {
        defer { owner = nil }
        timer?.stop()
        isStream = false
        source = nil
        heldAnswer = nil
        isPaused = false
        recentPauses = RecentPauses()
        return owner
    }

    func complete(_ payload: Payload) {
        if let held = owner?.holdBack(payload) {
            heldAnswer = held
            source = held
        } else {
            finish()?.complete(self, payload)
        }
    }

    /// Its client has read others: it is answered, if its answer was held back.
    func goOn() {
        if let payload = heldAnswer?.payload { finish()?.complete(self, payload) }
    }

    func fail(_ status: Status) {
        var status = status
        status.operation = method?.name
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

    /// Bytes of its request may have reached Pieces OS.
    var requestSent: Bool { source?.requestSent ?? exchange.requestSent }

    /// Ends the call, which may have been carried out all the same.
    func giveUp(_ status: Status) {
        var status = status
        status.httpStatus = source.map(\.httpStatus) ?? exchange.httpStatus
        status.requestSent = requestSent
        leave()
        fail(status)
    }

    /// Ends the call without an answer.
    func abandon() {
        leave()
        finish()?.abandon(self)
    }

    private func leave() {
        if let source { source.leave(self) } else { exchange.cancel() }
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

extension Call: LocalCall {
    func send(_ message: UnsafeRawBufferPointer) {
        owner?.send(message, of: self)
    }

    func complete() {
        finish()?.complete(self)
    }
}

// MARK: - Requests that are streams of messages

extension Call {
    /// A message of the request, lent.
    func received(request message: UnsafeRawBufferPointer) {
        (source as? any RequestStream)?.received(message)
    }

    func endOfRequest() {
        (source as? any RequestStream)?.endOfRequest()
    }
}

extension Call: RoutedExchange.Owner {
    func received(message: UnsafeRawBufferPointer) {
        send(message)
    }

    func received(_ end: Result<Payload, Status>) {
        switch end {
        case .success where isStream: finish()?.complete(self)
        case .success(let payload): complete(payload)
        case .failure(let status): fail(status)
        }
    }
}
