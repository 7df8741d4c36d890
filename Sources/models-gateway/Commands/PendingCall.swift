import CModelsClient

/// A call that has begun, and what has come of it.
final class PendingCall {
    private let isStream: Bool
    private var parts: [[UInt8]] = []
    private(set) var failure: CallFailure?
    private(set) var isOver = false

    init(isStream: Bool) {
        self.isStream = isStream
    }

    func takeParts() -> [[UInt8]] {
        defer { parts = [] }
        return parts
    }

    /// A `models_done`, whose context is a call.
    static func take(
        _ message: UnsafeMutablePointer<ProtobufCMessage>?,
        _ error: OpaquePointer?,
        _ context: UnsafeMutableRawPointer?
    ) {
        guard let context else { preconditionFailure("the context is a call") }
        Unmanaged<PendingCall>.fromOpaque(context).takeUnretainedValue().take(message, error)
    }

    private func take(_ message: UnsafeMutablePointer<ProtobufCMessage>?, _ error: OpaquePointer?) {
        if let message {
            parts.append(bytes(of: message))
            models_free(message)
            isOver = !isStream
        } else {
            failure = error.map { CallFailure($0) }
            isOver = true
        }
    }
}
