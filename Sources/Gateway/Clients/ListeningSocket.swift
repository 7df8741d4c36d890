/// A bound socket that clients come to, and who may do what over it.
package struct ListeningSocket {
    package var descriptor: Int32
    /// Where it is bound, for people.
    package var path: String
    package var policy: AccessPolicy
    /// It is one of TCP, for who cannot come to a Unix socket: all that is to be had there is what HTTP/1.1 is answered.
    package let isDoor: Bool
    let counts = SocketCounts()

    package init(descriptor: Int32, path: String, policy: AccessPolicy) {
        self.descriptor = descriptor
        self.path = path
        self.policy = policy
        isDoor = false
    }

    /// A socket of TCP, where nobody can tell who comes.
    package init(doorDescriptor: Int32, address: String) {
        descriptor = doorDescriptor
        path = address
        policy = AccessPolicy(users: [PeerCredentials.unknownUser])
        isDoor = true
    }
}
