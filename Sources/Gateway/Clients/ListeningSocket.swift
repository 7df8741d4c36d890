/// A bound Unix socket that clients come to, and who may do what over it.
package struct ListeningSocket {
    package var descriptor: Int32
    /// Where it is bound, for people.
    package var path: String
    package var policy: AccessPolicy

    package init(descriptor: Int32, path: String, policy: AccessPolicy) {
        self.descriptor = descriptor
        self.path = path
        self.policy = policy
    }
}
