import Calls
import EventLoop
import PiecesOS
import Transcoding

/// Calls that have ended and can be used again; each keeps its timer.
final class CallPool {
    private static let keptSpares = 64

    private let make: () throws(LoopError) -> Call
    private var spares: [Call] = []
    private var isClosed = false

    init(_ make: @escaping () throws(LoopError) -> Call) {
        self.make = make
    }

    func take() throws(Status) -> Call {
        if let spare = spares.popLast() { return spare }
        do throws(LoopError) {
            return try make()
        } catch {
            throw Status(.resourceExhausted, .limitReached, "no timer for the call: \(error)")
        }
    }

    func giveBack(_ call: Call) {
        if !isClosed, spares.count < Self.keptSpares { spares.append(call) } else { call.close() }
    }

    /// Keeps no call from now on.
    func close() {
        isClosed = true
        for call in spares { call.close() }
        spares = []
    }
}
