import Calls
import Contract

/// What is counted of calls. Plain integers, because all of it happens on the loop's thread.
final class Metrics {
    private static let codeCount = Status.Code.allCases.count

    /// By the index of the method.
    private(set) var started: [Int]
    /// By the index of the method and the code.
    private var handled: [Int]
    private(set) var errors = Dictionary(uniqueKeysWithValues: Status.Reason.allCases.map { ($0, 0) })
    private(set) var callDurations = Histogram()
    private(set) var upstreamDurations = Histogram()
    /// Answers that were the answer to another call's question as well.
    var sharedAnswers = 0

    init(_ contract: Contract) {
        started = Array(repeating: 0, count: contract.methods.count)
        handled = Array(repeating: 0, count: contract.methods.count * Self.codeCount)
    }

    func started(_ method: Method) {
        started[method.index] += 1
    }

    func handled(_ method: Method, _ code: Status.Code, nanoseconds: UInt64) {
        handled[Self.place(method, code)] += 1
        callDurations.add(nanoseconds: nanoseconds)
    }

    func failed(_ reason: Status.Reason) {
        errors[reason, default: 0] += 1
    }

    /// Pieces OS has answered the request of a call.
    func answered(nanoseconds: UInt64) {
        upstreamDurations.add(nanoseconds: nanoseconds)
    }

    func handledCount(_ method: Method, _ code: Status.Code) -> Int {
        handled[Self.place(method, code)]
    }

    private static func place(_ method: Method, _ code: Status.Code) -> Int {
        method.index * codeCount + Int(code.rawValue)
    }
}
