@testable import PiecesOS

extension Exchange {
    var isWaiting: Bool { if case .waiting = state { true } else { false } }
    var isConnecting: Bool { if case .connecting = state { true } else { false } }
    var isExchanging: Bool { if case .exchanging = state { true } else { false } }
}
