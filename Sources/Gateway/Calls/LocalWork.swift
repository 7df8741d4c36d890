import Calls

/// What carries a call out for the gateway itself, but not at once: with an answer that is waited for, or with messages.
protocol LocalWork: SharedSource {
    /// Comes once. May answer before it returns. When the call ends in another way, `leave` is called.
    func begin(_ call: any LocalCall)
}

extension LocalWork {
    var requestSent: Bool { false }
    var httpStatus: Int? { nil }
}

/// Work for a request that is a stream of messages.
protocol RequestStream: LocalWork {
    /// - Parameter message: lent.
    func received(_ message: UnsafeRawBufferPointer)
    /// The client has said all.
    func endOfRequest()
}

/// The call, as who carries it out sees it.
protocol LocalCall: SharingCall {
    /// Its client does not read.
    var isPaused: Bool { get }
    /// Sends a message of a stream, lent.
    func send(_ message: UnsafeRawBufferPointer)
    /// The end of a stream.
    func complete()
}
