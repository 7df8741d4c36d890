package import HTTP

/// One request on its way to Pieces OS, and the answer on its way back. It can be used again once it has ended.
package final class Exchange {
    package typealias Delivery = BodyDelivery

    enum State {
        case idle
        case waiting
        case connecting(any ExchangeConnection)
        case exchanging(any ExchangeConnection)
    }

    /// What stands in the place of a request between two of them. It has no body to share between threads.
    nonisolated(unsafe) private static let nothing = HTTPRequest(method: "GET", path: [])

    private(set) var request = Exchange.nothing
    private(set) var headers = ForwardedHeaders()
    private(set) var delivery = Delivery.none
    /// On whose behalf it is, which counts when there is not enough room for all.
    private(set) var client: ObjectIdentifier
    /// Owns the exchange, so that it outlives it.
    private unowned(unsafe) let receiver: any ExchangeReceiver

    /// When it was submitted, in milliseconds of the loop's clock.
    var arrival: UInt64 = 0
    private(set) var state = State.idle
    /// Whether a byte of the request may have reached Pieces OS.
    package private(set) var requestSent = false
    /// The HTTP status of the answer, once its head has come.
    package private(set) var httpStatus: Int?
    /// Bytes that its head announced of a body.
    package private(set) var announcedLength: Int?
    private(set) var hasBeenRepeated = false
    private(set) var hasBeenRediscovered = false

    /// It asks how Pieces OS is, for nobody's call.
    let asksHealth: Bool

    package convenience init(receiver: any ExchangeReceiver) {
        self.init(receiver: receiver, asksHealth: false)
    }

    init(receiver: any ExchangeReceiver, asksHealth: Bool) {
        self.asksHealth = asksHealth
        client = ObjectIdentifier(receiver)
        self.receiver = receiver
    }

    /// Where its request is counted until it has been written.
    var unwritten: UnwrittenRequests?
    private var unwrittenSize = 0

    /// Bytes of memory that its request takes.
    var size: Int { request.size + headers.lines.bytes.count }
    var isLarge: Bool { request.isLarge }
    var isIdle: Bool { if case .idle = state { true } else { false } }

    /// Says what it is to ask for. Comes before each `submit`.
    /// - Parameter client: on whose behalf; the receiver itself if nobody is named.
    package func prepare(
        _ request: HTTPRequest,
        forwarding headers: ForwardedHeaders,
        delivery: Delivery,
        for client: AnyObject? = nil
    ) {
        precondition(isIdle, "an exchange cannot be used again before it has ended")
        self.request = request
        self.headers = headers
        self.delivery = delivery
        self.client = ObjectIdentifier(client ?? receiver)
        requestSent = false
        httpStatus = nil
        announcedLength = nil
        hasBeenRepeated = false
        hasBeenRediscovered = false
    }

    // MARK: - Under way

    func wait() {
        countAsWritten()
        state = .waiting
    }

    func connect(over connection: any ExchangeConnection) {
        countAsUnwritten()
        state = .connecting(connection)
    }

    func begin(on connection: any ExchangeConnection) {
        countAsUnwritten()
        state = .exchanging(connection)
    }

    func markSent() {
        requestSent = true
    }

    /// All of the request has left. Keeps nothing of a body that is not going to be sent again.
    func markWritten() {
        countAsWritten()
        if request.body != nil, !request.isRepeatable { request = request.withoutBody }
    }

    private func countAsUnwritten() {
        guard let unwritten, unwrittenSize == 0, request.isLarge else { return }
        unwrittenSize = size
        unwritten.add(unwrittenSize, of: client)
    }

    private func countAsWritten() {
        guard unwrittenSize > 0 else { return }
        unwritten?.remove(unwrittenSize, of: client)
        unwrittenSize = 0
    }

    func markRepeated() {
        hasBeenRepeated = true
    }

    func markRediscovered() {
        hasBeenRediscovered = true
    }

    func receive(status: Int, announcedLength: Int?) {
        httpStatus = status
        self.announcedLength = announcedLength
    }

    func receive(part: UnsafeRawBufferPointer) {
        receiver.received(part: part)
    }

    func endRead() {
        receiver.readEnded()
    }

    /// Stops taking parts of the body, until `resume()`; Pieces OS feels it.
    package func pause() {
        connection?.pauseReading()
    }

    package func resume() {
        connection?.resumeReading()
    }

    private var connection: (any ExchangeConnection)? {
        switch state {
        case .idle, .waiting: nil
        case .connecting(let connection), .exchanging(let connection): connection
        }
    }

    // MARK: - The end

    /// - Parameter body: lent.
    func finish(status: Int, body: UnsafeRawBufferPointer) {
        end()
        receiver.finished(status: status, body: body)
    }

    func fail(_ error: UpstreamError) {
        end()
        receiver.failed(error)
    }

    /// Ends without a word to the receiver, which has given it up.
    func abandon() {
        end()
    }

    /// Keeps nothing of the request, which can be large, until the next one. Nobody else may hold its headers then, so that the
    /// next ones are written to the same memory.
    private func end() {
        countAsWritten()
        state = .idle
        request = Self.nothing
        headers = ForwardedHeaders()
    }
}

/// Who gets the answer. Exactly one of the last two comes for each exchange that is submitted, unless it is cancelled;
/// the exchange has ended by then.
package protocol ExchangeReceiver: AnyObject {
    /// A part of the body of a 2xx answer, with `HTTPResponseReader.padding` readable bytes behind it. Lent until
    /// `readEnded` or one of the last two.
    func received(part: UnsafeRawBufferPointer)
    /// What was lent goes, and the answer goes on.
    func readEnded()
    /// - Parameter body: the beginning of that of an error, lent.
    func finished(status: Int, body: UnsafeRawBufferPointer)
    func failed(_ error: UpstreamError)
}

extension ExchangeReceiver {
    package func readEnded() {}
}

/// What an exchange is on: a connection, or one in the making.
protocol ExchangeConnection: AnyObject {
    func pauseReading()
    func resumeReading()
    /// Abandons the exchange, which is on it.
    func giveUp(_ exchange: Exchange)
}

@available(*, unavailable) extension Exchange: Sendable {}
