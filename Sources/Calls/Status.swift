/// How a call failed: a `google.rpc.Status` with one `google.rpc.ErrorInfo`.
package struct Status: Error, Equatable, Sendable {
    package typealias Code = StatusCode
    package typealias Reason = StatusReason

    /// Longer messages are cut, so that a status always fits into a frame, whatever it quotes.
    package static let maximumMessageLength = 4096

    package let code: Code
    package let reason: Reason
    package private(set) var message: String
    /// The name of the RPC.
    package var operation: String?
    /// What the upstream answered.
    package var httpStatus: Int?
    /// Whether any byte of the request may have reached the upstream.
    package var requestSent: Bool?
    /// What the user can do about it.
    package var hint: String?

    package init(
        _ code: Code,
        _ reason: Reason,
        _ message: String,
        operation: String? = nil,
        httpStatus: Int? = nil,
        requestSent: Bool? = nil,
        hint: String? = nil
    ) {
        self.code = code
        self.reason = reason
        self.message = Self.cut(message, to: Self.maximumMessageLength)
        self.operation = operation
        self.httpStatus = httpStatus
        self.requestSent = requestSent
        self.hint = hint
    }

    /// The same with a message of so many bytes at most, cut between characters.
    package func cut(to length: Int) -> Status {
        var status = self
        status.message = Self.cut(message, to: length)
        return status
    }

    private static func cut(_ message: String, to length: Int) -> String {
        guard message.utf8.count > length else { return message }
        var end = message.utf8.index(message.startIndex, offsetBy: length)
        while end.samePosition(in: message.unicodeScalars) == nil {
            end = message.utf8.index(before: end)
        }
        return String(message[..<end])
    }
}
