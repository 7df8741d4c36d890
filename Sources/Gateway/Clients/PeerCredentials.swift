import Glibc

/// Who was at the other end of a Unix socket when it connected (unix(7), SO_PEERCRED). Nobody can lie about it.
package struct PeerCredentials: Hashable, Sendable {
    package var process: Int32
    package var user: UInt32
    /// The primary group.
    package var group: UInt32

    /// What the system says where it does not know: at the other end of TCP.
    static let unknownUser = UInt32.max

    package init(process: Int32, user: UInt32, group: UInt32) {
        self.process = process
        self.user = user
        self.group = group
    }

    /// The layout of `struct ucred`, which Glibc hides from Swift: pid, uid, gid.
    init?(of descriptor: Int32) {
        var credentials: (pid_t, uid_t, gid_t) = (0, 0, 0)
        let size = MemoryLayout.size(ofValue: credentials)
        var length = socklen_t(size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0, length == size else {
            return nil
        }
        self.init(process: credentials.0, user: credentials.1, group: credentials.2)
    }

    /// The supplementary groups of the same process at the same time (SO_PEERGROUPS). None if the system does not tell.
    static func otherGroups(of descriptor: Int32) -> [UInt32] {
        var groups = [gid_t](repeating: 0, count: 32)
        var length = socklen_t(groups.count * MemoryLayout<gid_t>.size)
        var status = getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, &groups, &length)
        if status != 0, errno == ERANGE {
            // The length is now the one that is needed.
            groups = .init(repeating: 0, count: Int(length) / MemoryLayout<gid_t>.size)
            status = getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, &groups, &length)
        }
        return status == 0 ? Array(groups.prefix(Int(length) / MemoryLayout<gid_t>.size)) : []
    }
}
