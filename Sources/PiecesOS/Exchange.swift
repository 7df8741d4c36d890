/// One request on its way to Pieces OS, and the answer on its way back. It can be used again once it has ended.
package final class Exchange {
    /// What the receiver wants of the body of a 2xx answer. The body of any other answer comes whole, up to its limit.
    package enum Delivery {
        case whole
        /// As it arrives.
        case parts
        /// Nothing: the status says it all.
        case none
    }

    package enum State {
        case idle
        case waiting
        case connecting
        case exchanging
    }

    private(set) var request: HTTPRequest
    private(set) var headers = ForwardedHeaders()
    private(set) var delivery = Delivery.whole
    /// On whose behalf it is, which counts when there is not enough room for all.
    private(set) var client: ObjectIdentifier
    /// Owns the exchange, so that it outlives it.
    unowned(unsafe) let receiver: any ExchangeReceiver

    /// Bytes of memory that its request takes while it waits.
    var size: Int { request.size + headers.lines.count }

    /// Whether a byte of the request may have reached Pieces OS.
    package internal(set) var requestSent = false
    /// The HTTP status of the answer, once its head has come.
    package var httpStatus: Int? { connection?.httpStatus ?? lastStatus }
    private var lastStatus: Int?

    var state = State.idle
    var hasBeenRepeated = false
    var hasBeenRediscovered = false
    var connection: UpstreamConnection?

    package init(receiver: any ExchangeReceiver) {
        request = .snapshot
        client = ObjectIdentifier(receiver)
        self.receiver = receiver
    }

    /// Says what it is to ask for. Comes before each `submit`.
    /// - Parameter client: on whose behalf; the receiver itself if nobody is named.
    package func prepare(
        _ request: HTTPRequest,
        forwarding headers: ForwardedHeaders,
        delivery: Delivery,
        for client: AnyObject? = nil
    ) {
        precondition(state == .idle, "an exchange cannot be used again before it has ended")
        self.request = request
        self.headers.replace(with: headers)
        self.delivery = delivery
        self.client = ObjectIdentifier(client ?? receiver)
        requestSent = false
        lastStatus = nil
        hasBeenRepeated = false
        hasBeenRediscovered = false
    }

    /// Stops taking parts of the body, until `resume()`; Pieces OS feels it.
    package func pause() {
        connection?.pauseReading()
    }

    package func resume() {
        connection?.resumeReading()
    }

    /// Keeps nothing of the request, which can be large, until the next one.
    func end() {
        state = .idle
        lastStatus = httpStatus
        connection = nil
        request = .snapshot
    }
}

/// Who gets the answer. Exactly one of the last two comes for each exchange that is submitted, unless it is cancelled;
/// the exchange has ended by then.
package protocol ExchangeReceiver: AnyObject {
    /// A part of the body of a 2xx answer, lent.
    func received(part: UnsafeRawBufferPointer)
    /// - Parameter body: lent, with `Loop.readPadding` readable bytes behind it. Empty unless it was asked for whole.
    func finished(status: Int, body: UnsafeRawBufferPointer)
    func failed(_ error: UpstreamError)
}

@available(*, unavailable) extension Exchange: Sendable {}
