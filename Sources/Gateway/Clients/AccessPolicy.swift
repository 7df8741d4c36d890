package import Contract

/// Who may connect to a socket, and what they may call over it.
package struct AccessPolicy: Equatable, Sendable {
    package var methods: MethodSet
    /// User ids that are let in; root is in any case.
    package var users: [UInt32]
    /// Ids of groups whose members are let in, whether it is their primary group or another.
    package var groups: [UInt32]

    /// Nothing may be called that is not said.
    package init(users: [UInt32], groups: [UInt32] = [], methods: MethodSet = MethodSet()) {
        self.users = users
        self.groups = groups
        self.methods = methods
    }

    /// - Parameter otherGroups: the peer's supplementary groups, which are asked for only where they decide.
    package func admits(_ peer: PeerCredentials, otherGroups: () -> [UInt32]) -> Bool {
        if peer.user == 0 || users.contains(peer.user) || groups.contains(peer.group) { return true }
        return !groups.isEmpty && otherGroups().contains(where: groups.contains)
    }
}
