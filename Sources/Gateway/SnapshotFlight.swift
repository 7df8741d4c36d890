import PiecesOS
import TTRPC
import Transcoding

/// One GET /models on its way for all the calls that share its answer. Used again when it has ended. Belongs to the
/// thread of the loop.
final class SnapshotFlight {
    private let gateway: Gateway
    private lazy var exchange = Exchange(receiver: self)
    private var group: SnapshotGroup?
    private var calls = CallList()

    init(gateway: Gateway) {
        self.gateway = gateway
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

    /// Answers every call. None of them is asked to leave any more, so that answering one cannot change the list.
    private func answer(_ answer: (Call) -> Void) {
        for call in calls { answer(call) }
        calls.removeAll()
        end()
    }

    private func end() {
        let group = self.group
        self.group = nil
        group?.ended(self)
    }
}

extension SnapshotFlight: ExchangeReceiver {
    func received(part: UnsafeRawBufferPointer) {
        preconditionFailure("a body that was asked for whole came in parts")
    }

    func finished(status: Int, body: UnsafeRawBufferPointer) {
        do throws(Status) {
            let payload = try gateway.answers.payload(status: status, body: body, as: .models)
            answer { $0.answer(payload) }
        } catch {
            answer { $0.fail(error) }
        }
    }

    func failed(_ error: UpstreamError) {
        let status = Status(error, httpStatus: httpStatus, requestSent: requestSent)
        answer { $0.fail(status) }
    }
}
