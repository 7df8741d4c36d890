/// Decides which connections are let in, and counts those that are.
package struct Admission {
    /// Why a connection is not let in.
    enum Refusal: String, CaseIterable {
        case stranger = "the socket's policy does not let this user in"
        case connections = "as many connections are open as may be"
        case connectionsPerUser = "as many connections of this user are open as may be"

        /// For metrics.
        var label: String {
            switch self {
            case .stranger: "policy"
            case .connections: "connections"
            case .connectionsPerUser: "connections_per_user"
            }
        }
    }

    /// Connections whose users are not known, besides all others. Prometheus needs one.
    package static let maximumOfUnknown = 16

    private let maximum: Int
    private let maximumPerUser: Int
    private var total = 0
    private var unknown = 0
    private var perUser: [UInt32: Int] = [:]

    init(maximum: Int, maximumPerUser: Int) {
        self.maximum = maximum
        self.maximumPerUser = maximumPerUser
    }

    /// Lets the peer in, for which `leave` has to be called later, or says why not.
    mutating func enter(
        _ peer: PeerCredentials,
        by policy: AccessPolicy,
        otherGroups: () -> [UInt32]
    ) -> Refusal? {
        guard policy.admits(peer, otherGroups: otherGroups) else { return .stranger }
        guard peer.user != PeerCredentials.unknownUser else { return enterUnknown() }
        guard total < maximum else { return .connections }
        let ofUser = perUser[peer.user, default: 0]
        guard ofUser < maximumPerUser else { return .connectionsPerUser }
        total += 1
        perUser[peer.user] = ofUser + 1
        return nil
    }

    private mutating func enterUnknown() -> Refusal? {
        guard unknown < Self.maximumOfUnknown else { return .connectionsPerUser }
        unknown += 1
        return nil
    }

    mutating func leave(_ peer: PeerCredentials) {
        guard peer.user != PeerCredentials.unknownUser else {
            unknown -= 1
            return
        }
        guard let ofUser = perUser[peer.user] else { preconditionFailure("a peer left that was never let in") }
        total -= 1
        perUser[peer.user] = ofUser == 1 ? nil : ofUser - 1
    }
}
