import Calls
import EventLoop
import PiecesOS
import TTRPC
import Transcoding

/// One GET /models on its way for all the calls that share its answer. Used again when it has ended.
///
/// However many they are, the others do not wait until all of them have it: a turn of the loop answers a portion.
final class SnapshotFlight {
    /// Calls of one portion.
    private static let portionCount = 256
    /// Bytes of their payloads; the call that exceeds them is the last of its portion.
    private static let largestPortion = 4 << 20

    private let gateway: Gateway
    private lazy var exchange = Exchange(receiver: self)
    private var group: SnapshotGroup?
    private var calls = CallList()
    /// What the calls are answered that the first portion has left.
    private var remaining: Result<[UInt8], Status>?
    private var nextPortion: Deferred

    init(gateway: Gateway, loop: Loop) {
        self.gateway = gateway
        nextPortion = Deferred(on: loop)
    }

    /// Whether a byte of the request may have reached Pieces OS.
    var requestSent: Bool { exchange.requestSent }
    /// The status of the answer, if Pieces OS has begun one.
    var httpStatus: Int? { exchange.httpStatus }

    /// Takes over the calls that wait, and leaves the memory of its own list for the next ones.
    func take(_ waiting: inout CallList) {
        swap(&calls, &waiting)
        for call in calls { call.isCarried(by: self) }
    }

    /// Takes in one more. Only as long as the request has not been sent.
    func take(_ call: Call) {
        calls.append(call)
        call.isCarried(by: self)
    }

    /// Sends the request that they share.
    func start(for group: SnapshotGroup) {
        self.group = group
        exchange.prepare(.snapshot, forwarding: group.headers, delivery: .whole)
        gateway.upstream.submit(exchange)
    }

    /// Forgets a call that gives up. The others keep their answer; a GET that nobody waits for any more is cancelled.
    func leave(_ call: Call) {
        calls.remove(call)
        guard calls.isEmpty else { return }
        gateway.upstream.cancel(exchange)
        end()
    }

    // MARK: - Answers

    /// The GET has ended.
    private func answer(_ answer: Result<UnsafeRawBufferPointer, Status>) {
        answerPortion(answer)
        guard !calls.isEmpty else { return end() }
        leaveGroup()
        remaining = answer.map { [UInt8]($0) }
        nextPortion.ask(self)
    }

    /// Answering a call makes no other one leave, so that it cannot change the list.
    private func answerPortion(_ answer: Result<UnsafeRawBufferPointer, Status>) {
        var count = 0
        var size = 0
        while count < Self.portionCount, size <= portionSize, let call = calls.popFirst() {
            count += 1
            switch answer {
            case .success(let payload):
                size += payload.count
                call.answer(payload)
            case .failure(let status):
                call.fail(status)
            }
        }
    }

    /// Less where clients may leave little unread: between two portions the memory of those who are broken off comes
    /// back, before it counts against the next ones.
    private var portionSize: Int { min(Self.largestPortion, gateway.limits.unreadBytes / 8) }

    // MARK: - The end

    /// May come while a turn has been asked for, in which there is nothing left to do then.
    private func end() {
        calls.removeAll()
        remaining = nil
        leaveGroup()
        gateway.recycle(self)
    }

    /// Calls that come from now on need an answer of their own.
    private func leaveGroup() {
        let group = self.group
        self.group = nil
        group?.ended(self)
    }
}

extension SnapshotFlight: EndOfTurnTask {
    func endOfTurn() {
        switch remaining {
        case nil: return
        case .success(let payload): payload.withUnsafeBytes { answerPortion(.success($0)) }
        case .failure(let status): answerPortion(.failure(status))
        }
        if calls.isEmpty { end() } else { nextPortion.ask(self) }
    }
}

extension SnapshotFlight: ExchangeReceiver {
    func received(part: UnsafeRawBufferPointer) {
        preconditionFailure("a body that was asked for whole came in parts")
    }

    func finished(status: Int, body: UnsafeRawBufferPointer) {
        answer(Result { () throws(Status) in try gateway.answers.payload(status: status, body: body, as: .models) })
    }

    func failed(_ error: UpstreamError) {
        answer(.failure(Status(error, httpStatus: httpStatus, requestSent: requestSent)))
    }
}

@available(*, unavailable) extension SnapshotFlight: Sendable {}
