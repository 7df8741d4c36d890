import EventLoop
import HTTP
import PiecesOS

/// The calls that would send the same request, and that therefore can share an answer.
///
/// An answer is never older than its question: a call that arrives while an exchange is under way does not join it, because
/// the models may have changed after the upstream looked at them. All that arrive meanwhile share the next one. So the load
/// on the upstream does not grow with the number of clients, unless they are in a hurry.
final class SharingGroup {
    /// Milliseconds that calls wait for an exchange that is under way. One that takes longer, or never ends, must not hold
    /// up everybody else: then the next one starts beside it.
    private static let patience: UInt64 = 25
    /// Nanoseconds that a call must have to share an answer. For less, waiting for others would be too much of it.
    static let leastTime: UInt64 = 4 * patience * 1_000_000

    /// What the calls have in common.
    let method: RoutedMethod
    let request: HTTPRequest
    let headers: ForwardedHeaders
    private let exchanges: SharedExchangePool
    private var timer: Timer?
    private var waiting = CallList()
    private var underWay: [SharedExchange] = []
    private var departing: Deferred
    private var isTimerRunning = false

    init(
        _ method: RoutedMethod,
        _ request: HTTPRequest,
        _ headers: ForwardedHeaders,
        exchanges: SharedExchangePool,
        loop: Loop
    ) throws(LoopError) {
        self.method = method
        self.request = request
        self.headers = headers
        self.exchanges = exchanges
        departing = Deferred(on: loop)
        timer = try Timer(loop: loop) { [unowned self] in patienceHasEnded() }
    }

    /// No call is in it.
    var isEmpty: Bool { waiting.isEmpty && underWay.isEmpty }

    /// Takes in a call. Its exchange starts at the end of this turn of the loop, together with those that arrive until then,
    /// or when the one under way has ended. It can be one that waits for a connection still, so that however many calls
    /// come, they take one place in the queue.
    func join(_ call: any SharingCall) {
        if let latest = underWay.last, !latest.requestSent { return latest.take(call) }
        waiting.append(call)
        if underWay.isEmpty {
            departing.ask(self)
        } else if !isTimerRunning {
            isTimerRunning = true
            timer?.start(milliseconds: Self.patience)
        }
    }

    private func patienceHasEnded() {
        isTimerRunning = false
        depart()
    }

    private func depart() {
        guard !waiting.isEmpty else { return }
        let exchange = exchanges.take()
        underWay.append(exchange)
        exchange.take(&waiting)
        exchange.start(method, request, forwarding: headers, for: self)
    }

    func close() {
        timer?.close()
    }
}

/// A call that waits for its exchange to start.
extension SharingGroup: SharedSource {
    var requestSent: Bool { false }
    var httpStatus: Int? { nil }

    func leave(_ call: any SharingCall) {
        waiting.remove(call)
    }
}

extension SharingGroup: SharedExchange.Owner {
    func answered(_ exchange: SharedExchange) {
        underWay.removeAll { $0 === exchange }
        if underWay.isEmpty, !waiting.isEmpty { departing.ask(self) }
    }

    func ended(_ exchange: SharedExchange) {
        exchanges.giveBack(exchange)
    }
}

extension SharingGroup: EndOfTurnTask {
    func endOfTurn() {
        depart()
    }
}
