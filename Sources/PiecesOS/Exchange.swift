package import HTTP

/// One request on its way to Pieces OS, and the answer on its way back. It can be used again once it has ended.
package final class Exchange {
    package typealias Delivery = BodyDelivery

    package enum State {
        case idle
        case waiting
        case connecting
        case exchanging
    }

    private(set) var request = Exchange.nothing
    private(set) var headers = ForwardedHeaders()
    private(set) var delivery = Delivery.whole
    /// On whose behalf it is, which counts when there is not enough room for all.
    private(set) var client: ObjectIdentifier
    /// Owns the exchange, so that it outlives it.
    unowned(unsafe) let receiver: any ExchangeReceiver

    /// Bytes of memory that its request takes while it waits.
    var size: Int { request.size + headers.lines.bytes.count }

    /// Whether a byte of the request may have reached Pieces OS.
    package internal(set) var requestSent = false
    /// The HTTP status of the answer, once its head has come.
    package internal(set) var httpStatus: Int?

    var state = State.idle
    var hasBeenRepeated = false
    var hasBeenRediscovered = false
    var connection: UpstreamConnection?

    package init(receiver: any ExchangeReceiver) {
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
        httpStatus = nil
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

    /// What stands in the place of a request between two of them.
    private static let nothing = HTTPRequest(method: "GET", path: [])

    /// Keeps nothing of the request, which can be large, until the next one.
    func end() {
        state = .idle
        connection = nil
        request = Self.nothing
    }
}

/// Who gets the answer. Exactly one of the last two comes for each exchange that is submitted, unless it is cancelled;
/// the exchange has ended by then.
package protocol ExchangeReceiver: AnyObject {
    /// A part of the body of a 2xx answer, lent.
    func received(part: UnsafeRawBufferPointer)
    /// - Parameter body: lent, with `HTTPResponseReader.padding` readable bytes behind it. Empty unless it was asked for whole.
    func finished(status: Int, body: UnsafeRawBufferPointer)
    func failed(_ error: UpstreamError)
}

@available(*, unavailable) extension Exchange: Sendable {}
