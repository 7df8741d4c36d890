@testable import PiecesOS

/// Keeps what an exchange tells it.
final class RecordingReceiver: ExchangeReceiver {
    private(set) var parts: [[UInt8]] = []
    private(set) var outcomes: [Outcome] = []

    enum Outcome: Equatable {
        case finished(Int, String)
        case failed(UpstreamError)
    }

    /// What the test does besides, inside the callback.
    var onPart: () -> Void = {}
    var onOutcome: () -> Void = {}

    /// Whether the body of an answer is told with its end as well.
    var joinsParts = false

    var partsTogether: String { String(decoding: parts.joined(), as: UTF8.self) }

    func received(part: UnsafeRawBufferPointer) {
        parts.append(Array(part))
        onPart()
    }

    func finished(status: Int, body: UnsafeRawBufferPointer) {
        let text = (joinsParts ? partsTogether : "") + String(decoding: body, as: UTF8.self)
        parts = joinsParts ? [] : parts
        outcomes.append(.finished(status, text))
        onOutcome()
    }

    func failed(_ error: UpstreamError) {
        outcomes.append(.failed(error))
        onOutcome()
    }
}
