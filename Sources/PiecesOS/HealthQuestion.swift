import HTTP

/// A question to Pieces OS how it is. It can be asked again when it has been answered.
package final class HealthQuestion {
    package enum Answer: Equatable, Sendable {
        case healthy
        /// There, or not, and not ready; why.
        case not(String)
    }

    private let upstream: Upstream
    private lazy var exchange = Exchange(receiver: self, asksHealth: true)
    /// The beginning of what is said.
    private var said: [UInt8] = []
    private var answered: ((Answer) -> Void)?

    package init(_ upstream: Upstream) {
        self.upstream = upstream
    }

    /// - Parameter answered: may be told before this returns.
    package func ask(_ answered: @escaping (Answer) -> Void) {
        precondition(self.answered == nil, "a question was asked while it was not answered")
        self.answered = answered
        said = []
        exchange.prepare(Health.request, forwarding: ForwardedHeaders(), delivery: .parts)
        upstream.ask(exchange)
    }

    /// It takes too long. The answer may come yet; says what it means that there is none.
    package func isLate(by milliseconds: UInt64) -> String {
        upstream.healthIsLate(exchange, by: milliseconds)
    }

    /// Nobody is told any more.
    package func cancel() {
        answered = nil
        upstream.cancel(exchange)
    }

    private func end(_ answer: Answer) {
        let answered = answered
        self.answered = nil
        answered?(answer)
    }
}

extension HealthQuestion: ExchangeReceiver {
    package func received(part: UnsafeRawBufferPointer) {
        said += part.prefix(Health.longestQuote - said.count)
    }

    package func finished(status: Int, body: UnsafeRawBufferPointer) {
        said += body.prefix(Health.longestQuote - said.count)
        switch upstream.health(status: status, saying: said) {
        case .healthy: end(.healthy)
        case .notReady(let what): end(.not(what))
        }
    }

    package func failed(_ error: UpstreamError) {
        end(.not(upstream.healthFailed(error)))
    }
}

@available(*, unavailable) extension HealthQuestion: Sendable {}
