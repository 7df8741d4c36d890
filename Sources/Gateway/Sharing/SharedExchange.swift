import Calls
import EventLoop
import HTTP
import PiecesOS

/// One exchange on its way for all the calls that share its answer. Used again when it has ended.
///
/// However many they are, the others do not wait until all of them have it: a turn of the loop answers a portion.
final class SharedExchange {
    /// The group that sent it. It is told once that calls which come from now on need an answer of their own.
    protocol Owner: AnyObject {
        func answered(_ exchange: SharedExchange)
        /// Nothing of it is left: it can be used again.
        func ended(_ exchange: SharedExchange)
    }

    /// Calls of one portion.
    private static let portionCount = 256
    /// Bytes of their payloads; the call that exceeds them is the last of its portion.
    private static let largestPortion = 4 << 20

    private let metrics: Metrics
    private let portionSize: Int
    private var goingOn: Deferred
    private let makeExchange: (any RoutedExchange.Owner) -> RoutedExchange
    private lazy var exchange = makeExchange(self)
    private weak var owner: (any Owner)?
    private var calls = CallList()
    /// What the calls are answered that the first portion has left.
    private var remaining: Result<Payload, Status>?

    /// - Parameter unreadBytes: what a client may leave unread. Portions are less where that is little: between two
    ///   portions the memory of clients that are broken off comes back, before it counts against the next ones.
    init(
        loop: Loop,
        metrics: Metrics,
        unreadBytes: Int,
        _ makeExchange: @escaping (any RoutedExchange.Owner) -> RoutedExchange
    ) {
        self.metrics = metrics
        self.makeExchange = makeExchange
        portionSize = min(Self.largestPortion, unreadBytes / 8)
        goingOn = Deferred(on: loop)
    }

    /// Takes over the calls that wait, and leaves the memory of its own list for the next ones.
    func take(_ waiting: inout CallList) {
        swap(&calls, &waiting)
        for call in calls { call.isCarried(by: self) }
    }

    /// Takes in one more. Only as long as the request has not been sent.
    func take(_ call: any SharingCall) {
        calls.append(call)
        call.isCarried(by: self)
    }

    /// Sends the request that the calls share.
    func start(
        _ method: RoutedMethod,
        _ request: HTTPRequest,
        forwarding headers: ForwardedHeaders,
        for owner: any Owner
    ) {
        self.owner = owner
        exchange.start(method, request, forwarding: headers)
    }

    // MARK: - Answers

    /// The exchange has ended.
    private func answer(_ answer: Result<Payload, Status>) {
        if case .success = answer { metrics.sharedAnswers += calls.count - 1 }
        // Whoever has it alone may not need all of it for longer than it is lent.
        let answer = calls.count > 1 ? answer.map(\.kept) : answer
        answerPortion(answer)
        guard !calls.isEmpty else { return end() }
        owner?.answered(self)
        remaining = answer
        goingOn.ask(self)
    }

    /// Answering a call makes no other one leave, so that it cannot change the list.
    private func answerPortion(_ answer: Result<Payload, Status>) {
        var count = 0
        var size = 0
        while count < Self.portionCount, size <= portionSize, let call = calls.popFirst() {
            count += 1
            switch answer {
            case .success(let payload):
                size += payload.count
                call.complete(payload)
            case .failure(let status):
                call.fail(status)
            }
        }
    }

    /// May come while a turn has been asked for, in which there is nothing left to do then.
    private func end() {
        calls.removeAll()
        let wasRemaining = remaining != nil
        remaining = nil
        let owner = self.owner
        self.owner = nil
        if !wasRemaining { owner?.answered(self) }
        owner?.ended(self)
    }
}

extension SharedExchange: SharedSource {
    var requestSent: Bool { exchange.requestSent }
    var httpStatus: Int? { exchange.httpStatus }

    /// The others keep their answer; an exchange that nobody waits for any more is cancelled.
    func leave(_ call: any SharingCall) {
        calls.remove(call)
        guard calls.isEmpty else { return }
        exchange.cancel()
        end()
    }
}

extension SharedExchange: EndOfTurnTask {
    func endOfTurn() {
        guard let remaining else { return }
        answerPortion(remaining)
        if calls.isEmpty { end() } else { goingOn.ask(self) }
    }
}

extension SharedExchange: RoutedExchange.Owner {
    func received(message: UnsafeRawBufferPointer) {
        preconditionFailure("an answer that is shared came in parts")
    }

    func received(_ end: Result<Payload, Status>) {
        answer(end)
    }
}
