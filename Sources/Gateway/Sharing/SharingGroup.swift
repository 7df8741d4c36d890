import EventLoop
import PiecesOS
import TTRPC

/// The snapshot calls that would send the same request, and that therefore can share an answer.
///
/// An answer is never older than its question: a call that arrives while a GET is under way does not join it, because
/// the models may have changed after Pieces OS looked at them. All that arrive meanwhile share the next one. So the load
/// on Pieces OS does not grow with the number of clients, unless they are in a hurry.
final class SnapshotGroup {
    /// Milliseconds that calls wait for a GET that is under way. One that takes longer, or never ends, must not hold up
    /// everybody else: then the next one starts beside it.
    private static let patience: UInt64 = 25
    /// Nanoseconds that a call must have to share an answer. For less, waiting for others would be too much of it.
    static let leastTime: UInt64 = 4 * patience * 1_000_000

    /// What the calls have in common.
    let headers: ForwardedHeaders
    private let gateway: Gateway
    private var timer: Timer?
    private var waiting = CallList()
    private var flights: [SnapshotFlight] = []
    private var departure: Deferred
    private var isTimerRunning = false

    init(headers: ForwardedHeaders, gateway: Gateway, loop: Loop) throws(LoopError) {
        self.headers = headers
        self.gateway = gateway
        departure = Deferred(on: loop)
        timer = try Timer(loop: loop) { [unowned self] in patienceHasEnded() }
    }

    /// No call is in it.
    var isEmpty: Bool { waiting.isEmpty && flights.isEmpty }

    /// Takes in a call. Its GET starts at the end of this turn of the loop, together with those that arrive until then,
    /// or when the one under way has ended. It can be one that waits for a connection still, so that however many calls
    /// come, they take one place in the queue.
    func join(_ call: Call) {
        if let flight = flights.last, !flight.requestSent { return flight.take(call) }
        waiting.append(call)
        if flights.isEmpty {
            departure.ask(self)
        } else if !isTimerRunning {
            isTimerRunning = true
            timer?.start(milliseconds: Self.patience)
        }
    }

    /// Forgets a call that gives up before its GET has started.
    func leave(_ call: Call) {
        waiting.remove(call)
    }

    /// Called by a flight whose GET has ended.
    func ended(_ flight: SnapshotFlight) {
        flights.removeAll { $0 === flight }
        if flights.isEmpty, !waiting.isEmpty { departure.ask(self) }
    }

    private func patienceHasEnded() {
        isTimerRunning = false
        depart()
    }

    private func depart() {
        guard !waiting.isEmpty else { return }
        let flight = gateway.makeFlight()
        flights.append(flight)
        flight.take(&waiting)
        flight.start(for: self)
    }

    func close() {
        timer?.close()
    }
}

extension SnapshotGroup: EndOfTurnTask {
    func endOfTurn() {
        depart()
    }
}

@available(*, unavailable) extension SnapshotGroup: Sendable {}
