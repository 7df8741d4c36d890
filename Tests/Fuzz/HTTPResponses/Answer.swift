import EventLoop
import FuzzSupport

@testable import PiecesOS

/// What the reader makes of an answer.
final class Answer: ExchangeReceiver, CustomStringConvertible {
    private(set) var parts: [UInt8] = []
    private(set) var body: [UInt8] = []
    private(set) var status = 0
    private(set) var error: UpstreamError?
    private(set) var isOver = false
    private var canGoOn = false
    /// Bytes that were never given to the reader, because the answer was over before.
    var unread = 0

    func take(_ outcome: HTTPResponseReader.Outcome, of reader: HTTPResponseReader) {
        switch outcome {
        case .needsMore: return
        case .failed(let error): self.error = error
        case .complete(let canGoOn):
            self.canGoOn = canGoOn
            reader.withAnswer { status, body in
                self.status = status
                // With the padding, which the sanitizer misses if it is not there.
                let padded = UnsafeRawBufferPointer(start: body.baseAddress, count: body.count + Loop.readPadding)
                self.body = body.isEmpty ? [] : Array(padded).dropLast(Loop.readPadding)
            }
            demand(200...599 ~= status, "an answer of status \(status)")
        }
        isOver = true
    }

    func isSame(as other: Answer) -> Bool {
        hasSameHead(as: other) && body == other.body && parts == other.parts
            && (canGoOn && unread == 0) == (other.canGoOn && other.unread == 0)
    }

    func hasSameHead(as other: Answer) -> Bool {
        status == other.status && error == other.error
    }

    func received(part: UnsafeRawBufferPointer) { parts.append(contentsOf: part) }

    func finished(status: Int, body: UnsafeRawBufferPointer) { fatalError("a reader finishes no exchange") }

    func failed(_ error: UpstreamError) { fatalError("a reader fails no exchange") }

    var description: String {
        error.map { "\($0)" } ?? "\(status), \(body.count) bytes, goes on: \(canGoOn), unread: \(unread)"
    }
}
