/// The metadata of a request that the gateway passes on, as views into what has arrived. Of a key that comes more than
/// once the last counts; other keys are dropped.
package struct RequestMetadata {
    package enum Key: CaseIterable, Sendable {
        case application
        case applicationID
        case traceparent
        case tracestate

        package var name: StaticString {
            switch self {
            case .application: "application"
            case .applicationID: "x-application-id"
            case .traceparent: "traceparent"
            case .tracestate: "tracestate"
            }
        }

        /// The key that is written so, in whatever case; `nil` for all that are not passed on.
        package init?(_ text: UnsafeRawBufferPointer) {
            switch text.count {
            case 10 where Self.tracestate.isWritten(text): self = .tracestate
            case 11 where Self.traceparent.isWritten(text): self = .traceparent
            case 11 where Self.application.isWritten(text): self = .application
            case 16 where Self.applicationID.isWritten(text): self = .applicationID
            default: return nil
            }
        }

        private func isWritten(_ text: UnsafeRawBufferPointer) -> Bool {
            text.indices.allSatisfy { Self.lowercased(text[$0]) == name.utf8Start[$0] }
        }

        private static func lowercased(_ byte: UInt8) -> UInt8 {
            UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
        }
    }

    private var values:
        (UnsafeRawBufferPointer?, UnsafeRawBufferPointer?, UnsafeRawBufferPointer?, UnsafeRawBufferPointer?)
    package private(set) var isEmpty = true

    package init() {}

    package subscript(key: Key) -> UnsafeRawBufferPointer? {
        switch key {
        case .application: values.0
        case .applicationID: values.1
        case .traceparent: values.2
        case .tracestate: values.3
        }
    }

    /// Hands out the entries, in the order of the keys.
    package func handOut<Problem>(
        _ body: (Key, UnsafeRawBufferPointer) throws(Problem) -> Void
    ) throws(Problem) {
        if let value = values.0 { try body(.application, value) }
        if let value = values.1 { try body(.applicationID, value) }
        if let value = values.2 { try body(.traceparent, value) }
        if let value = values.3 { try body(.tracestate, value) }
    }

    /// Takes in an entry, if it is one that is passed on.
    package mutating func add(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        guard let key = Key(key) else { return }
        isEmpty = false
        switch key {
        case .application: values.0 = value
        case .applicationID: values.1 = value
        case .traceparent: values.2 = value
        case .tracestate: values.3 = value
        }
    }
}
