/// A piece of request metadata that goes out as an HTTP header.
package enum ForwardedHeader: CaseIterable, Sendable {
    case application
    case applicationID
    case traceparent
    case tracestate

    /// As it is written in the request.
    package var name: StaticString {
        switch self {
        case .application: "application"
        case .applicationID: "X-Application-ID"
        case .traceparent: "traceparent"
        case .tracestate: "tracestate"
        }
    }

    /// The header that a metadata key stands for, compared without case; `nil` for all that are not forwarded.
    package init?(key: UnsafeRawBufferPointer) {
        switch key.count {
        case 10 where Self.tracestate.isNamed(key): self = .tracestate
        case 11 where Self.traceparent.isNamed(key): self = .traceparent
        case 11 where Self.application.isNamed(key): self = .application
        case 16 where Self.applicationID.isNamed(key): self = .applicationID
        default: return nil
        }
    }
}

extension ForwardedHeader {
    private func isNamed(_ key: UnsafeRawBufferPointer) -> Bool {
        let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return key.indices.allSatisfy { Self.lowercased(key[$0]) == Self.lowercased(name[$0]) }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }

    /// Up to one value for each header, without the allocation of a dictionary.
    package struct Values<Value> {
        private var application: Value?
        private var applicationID: Value?
        private var traceparent: Value?
        private var tracestate: Value?

        package init() {}

        package subscript(header: ForwardedHeader) -> Value? {
            get {
                switch header {
                case .application: application
                case .applicationID: applicationID
                case .traceparent: traceparent
                case .tracestate: tracestate
                }
            }
            set {
                switch header {
                case .application: application = newValue
                case .applicationID: applicationID = newValue
                case .traceparent: traceparent = newValue
                case .tracestate: tracestate = newValue
                }
            }
        }
    }
}
