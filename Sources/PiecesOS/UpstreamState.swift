/// What is known of Pieces OS from what was tried last.
package enum UpstreamState: Equatable, Sendable {
    case unknown
    /// It answers; says where.
    case serving(String)
    case notReady(String)
    case unreachable(String)
    /// Only others listen where it was looked for.
    case distrusted(String)

    static func failing(_ error: UpstreamError) -> UpstreamState {
        switch error {
        case .notReady(let reason): .notReady(reason)
        case .unreachable(let reason): .unreachable(reason)
        case .distrusted(let user, let location): .distrusted("at \(location) listens user \(user)")
        case .connectionLost, .badHTTP, .tooLarge, .queueFull: .unreachable("\(error)")
        }
    }
}

/// What an operator may want to know when it happens.
package enum UpstreamChange: Equatable, Sendable {
    /// Pieces OS answers; says where.
    case found(String)
    /// It was there and no longer is.
    case lost(String)
    /// It was not there when it was asked for first.
    case absent(String)
    case notReady(String)
    /// Another user listens where Pieces OS was looked for.
    case distrusted(user: UInt32, at: String)
}

extension UpstreamState {
    /// Of many failures with many words, the first is a change. Distrusted listeners are reported one by one.
    mutating func become(_ next: UpstreamState) -> UpstreamChange? {
        defer { self = next }
        switch (self, next) {
        case (.serving(let before), .serving(let now)): return before == now ? nil : .found(now)
        case (_, .serving(let location)): return .found(location)
        case (.notReady, .notReady): return nil
        case (_, .notReady(let reason)): return .notReady(reason)
        case (.serving, .unreachable(let reason)), (.serving, .distrusted(let reason)),
            (.notReady, .unreachable(let reason)), (.notReady, .distrusted(let reason)):
            return .lost(reason)
        case (.unknown, .unreachable(let reason)): return .absent(reason)
        default: return nil
        }
    }
}
