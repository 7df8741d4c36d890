import Calls
import EventLoop
import HTTP
import PiecesOS
import Transcoding

/// The way of a request to Pieces OS, and of the answer back until it is messages. Used again when it has ended.
final class RoutedExchange {
    /// Who sends it. It owns the exchange.
    protocol Owner: AnyObject {
        /// A message of a stream, lent.
        func received(message: UnsafeRawBufferPointer)
        /// The end: of a unary answer the payload, of a stream nothing, or why not. Does not come when it is cancelled.
        func received(_ end: Result<Payload, Status>)
    }

    /// What is left for a later turn.
    private enum Postponed {
        case nothing
        /// The body goes on behind it.
        case catchingUp
        case finishing
    }

    private let upstream: Upstream
    private let transcoder: JSONTranscoder
    private let budget: TurnBudget
    private let memory: AnswerMemory
    private unowned let owner: any Owner
    private lazy var exchange = Exchange(receiver: self)
    private var stream: MessageStream?
    private var body: AnswerBody
    private var hasBody = false
    /// On whose behalf large work is done.
    private var client: AnyObject?
    private var postponed = Postponed.nothing
    /// As the memory counts it.
    private(set) var heldByteCount = 0

    init(
        _ upstream: Upstream,
        _ transcoder: JSONTranscoder,
        _ memory: AnswerMemory,
        budget: TurnBudget,
        for owner: any Owner
    ) {
        self.upstream = upstream
        self.transcoder = transcoder
        self.memory = memory
        self.budget = budget
        self.owner = owner
        body = AnswerBody(transcoder, memory.buffers)
    }

    /// - Parameter client: on whose behalf; `nil`: on that of several.
    func start(
        _ method: RoutedMethod,
        _ request: HTTPRequest,
        forwarding headers: ForwardedHeaders,
        for client: AnyObject? = nil
    ) {
        self.client = client
        if method.isStream { stream = method.makeStream(transcoder) }
        hasBody = method.unarySchema != nil
        if hasBody { body.begin(method) }
        exchange.prepare(request, forwarding: headers, delivery: method.delivery, for: client)
        upstream.submit(exchange)
    }

    /// Whether a byte of the request may have reached Pieces OS.
    var requestSent: Bool { exchange.requestSent }
    /// The status of the answer, once its head has come.
    var httpStatus: Int? { exchange.httpStatus }

    /// Lets Pieces OS feel that nobody takes what it says.
    func pause() {
        exchange.pause()
    }

    func resume() {
        exchange.resume()
    }

    // MARK: - Ending

    /// Gives it up. The owner hears nothing more.
    func cancel() {
        upstream.cancel(exchange)
        forget()
    }

    private func forget() {
        if postponed != .nothing { budget.forget(self, of: client ?? self) }
        postponed = .nothing
        client = nil
        if stream != nil { stream = nil }
        if hasBody {
            hasBody = false
            body.forget()
        }
        countHeld()
    }

    private func end(_ end: Result<Payload, Status>) {
        forget()
        owner.received(end)
    }

    private func fail(_ status: Status) {
        upstream.cancel(exchange)
        end(.failure(status))
    }

    private func countHeld() {
        guard hasBody || stream != nil || heldByteCount > 0 else { return }
        let now = body.heldByteCount + (stream?.heldByteCount ?? 0)
        guard now != heldByteCount else { return }
        let before = heldByteCount
        heldByteCount = now
        memory.changed(self, from: before, to: now)
    }

    // MARK: - What arrives

    /// Does something with what has arrived; an error ends it.
    private func attempt(_ work: () throws(JSONTranscodingError) -> Void) {
        do throws(JSONTranscodingError) {
            try work()
            countHeld()
        } catch {
            let isStream = stream != nil
            fail(isStream ? Status(error, httpStatus: httpStatus) : .unary(error, httpStatus: httpStatus))
        }
    }

    private func take(_ part: UnsafeRawBufferPointer) throws(JSONTranscodingError) {
        if hasBody {
            try body.take(part, length: exchange.announcedLength)
        } else {
            try stream?.consume(part) { owner.received(message: $0) }
        }
    }

    private func settle() throws(JSONTranscodingError) {
        try body.settle()
        guard body.isBehind, postponed == .nothing else { return }
        if mayDo(.catchingUp) { try body.catchUp() } else { exchange.pause() }
    }

    private func finish() throws(JSONTranscodingError) {
        try stream?.finish { owner.received(message: $0) }
        if !hasBody {
            end(.success(Payload(lent: UnsafeRawBufferPointer(start: nil, count: 0))))
        } else if body.isLarge {
            try body.settle()
            if mayDo(.finishing) { end(.success(try body.finish())) }
        } else {
            end(.success(try body.finish()))
        }
    }

    /// Whether what is due can be done at once; if not, it is done in a later turn.
    private func mayDo(_ work: Postponed) -> Bool {
        if body.dueByteCount < TurnBudget.largeSize || budget.takeLarge(self, of: client ?? self) { return true }
        postponed = work
        return false
    }
}

extension RoutedExchange: PostponedTask {
    func goOn() {
        let work = postponed
        postponed = .nothing
        attempt { () throws(JSONTranscodingError) in
            switch work {
            case .nothing: break
            case .catchingUp:
                try body.catchUp()
                exchange.resume()
            case .finishing: end(.success(try body.finish()))
            }
        }
    }
}

extension RoutedExchange: ExchangeReceiver {
    func received(part: UnsafeRawBufferPointer) {
        attempt { () throws(JSONTranscodingError) in try take(part) }
    }

    func readEnded() {
        if hasBody { attempt { () throws(JSONTranscodingError) in try settle() } }
    }

    func finished(status: Int, body: UnsafeRawBufferPointer) {
        guard 200...299 ~= status else { return end(.failure(Status(httpStatus: status, body: body))) }
        attempt { () throws(JSONTranscodingError) in try finish() }
    }

    func failed(_ error: UpstreamError) {
        end(.failure(Status(error, httpStatus: httpStatus, requestSent: requestSent)))
    }
}

extension RoutedExchange: AnswerMemory.Holder {
    func giveUp(limit: Int) {
        fail(.answersTooLarge(limit: limit, httpStatus: httpStatus))
    }
}
