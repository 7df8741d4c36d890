/// Who may connect to a socket, and what they may call over it.
package struct AccessPolicy: Equatable, Sendable {
    package var calls: CallSet
    /// User ids that are let in; root is in any case.
    package var users: [UInt32]
    /// Ids of primary groups that are let in.
    package var groups: [UInt32]

    package init(users: [UInt32], groups: [UInt32] = [], calls: CallSet = .all) {
        self.users = users
        self.groups = groups
        self.calls = calls
    }

    package func admits(_ peer: PeerCredentials) -> Bool {
        peer.user == 0 || users.contains(peer.user) || groups.contains(peer.group)
    }
}
