import FuzzSupport

@testable import HTTP

/// What the reader makes of an answer.
struct Answer: CustomStringConvertible {
    private(set) var parts: [UInt8] = []
    private(set) var body: [UInt8] = []
    private(set) var status = 0
    private(set) var error: Problem?
    private(set) var isOver = false
    private var canGoOn = false
    /// Bytes that were never given to the reader, because the answer was over before.
    var unread = 0

    enum Problem: Equatable {
        case http(HTTPError)
        case connectionLost
    }

    mutating func take(_ event: HTTPResponseReader.Event) {
        switch event {
        case .head(let status):
            demand(self.status == 0 && 200...599 ~= status, "an answer of status \(status)")
            self.status = status
        case .part(let part):
            demand(200...299 ~= status, "a part before the head, or of an error")
            // With the padding, which the sanitizer misses if it is not there.
            let padding = HTTPResponseReader.padding
            let padded = UnsafeRawBufferPointer(start: part.baseAddress, count: part.count + padding)
            parts += Array(padded).dropLast(padding)
        case .end(let body, let canGoOn):
            demand(status != 0, "an end before the head")
            self.canGoOn = canGoOn
            demand(body.isEmpty || !(200...299 ~= status), "a body comes with the end")
            self.body = Array(body)
            isOver = true
        }
    }

    mutating func fail(_ error: Problem) {
        self.error = error
        isOver = true
    }

    func isSame(as other: Answer) -> Bool {
        hasSameHead(as: other) && (error != nil || body == other.body && parts == other.parts)
            && (canGoOn && unread == 0) == (other.canGoOn && other.unread == 0)
    }

    func hasSameHead(as other: Answer) -> Bool {
        error == other.error && (error != nil || status == other.status)
    }

    var description: String {
        error.map { "\($0)" } ?? "\(status), \(body.count) bytes, goes on: \(canGoOn), unread: \(unread)"
    }
}
