import Glibc

/// Who was at the other end of a Unix socket when it connected (unix(7), SO_PEERCRED). Nobody can lie about it.
package struct PeerCredentials: Hashable, Sendable {
    package var process: Int32
    package var user: UInt32
    /// The primary group. The others of a process are not told.
    package var group: UInt32

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
}
