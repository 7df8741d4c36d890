import Contract
import Gateway
import Glibc

/// The sockets that clients come to: those of the service manager, and those that the gateway makes itself.
final class OpenSockets {
    let sockets: [ListeningSocket]
    let paths: [String]
    private var files: [SocketFile]

    /// A socket that is passed on and specified has the policy of its specification; its mode and group are those that
    /// the service manager gave it. One that is not specified has the default policy.
    init(_ specifications: [ListenSpecification], passedOn: [ActivatedSocket], _ contract: Contract) throws {
        let user = geteuid()
        var sockets: [ListeningSocket] = []
        var files: [SocketFile] = []
        for socket in passedOn {
            let named = specifications.filter { socket.isNamed(by: $0.path) }
            guard named.count < 2 else { throw Self.namedTwice(named[0].path, named[1].path) }
            let policy = (named.first ?? .init(path: socket.path, contract)).policy(owner: user)
            sockets.append(.init(descriptor: socket.descriptor, path: socket.path, policy: policy))
        }
        do {
            for socket in specifications where !passedOn.contains(where: { $0.isNamed(by: socket.path) }) {
                let identity = FileIdentity(of: socket.path)
                if let other = files.first(where: { $0.identity == identity }) {
                    throw Self.namedTwice(other.path, socket.path)
                }
                let file = try SocketFile(path: socket.path, mode: socket.mode, group: try Self.group(of: socket))
                files.append(file)
                sockets.append(.init(descriptor: file.descriptor, path: file.path, policy: socket.policy(owner: user)))
            }
        } catch {
            for file in files { file.remove() }
            throw error
        }
        self.sockets = sockets
        self.files = files
        paths = files.map(\.path) + passedOn.map(\.path)
    }

    /// Removes what the gateway made itself, once: later a file of the same number can be a successor's.
    func removeFiles() {
        for file in files { file.remove() }
        files = []
    }

    private static func namedTwice(_ path: String, _ other: String) -> Refusal {
        Refusal("\(path) and \(other) are the same socket; name it once")
    }

    private static func group(of socket: ListenSpecification) throws -> UInt32? {
        guard let name = socket.group else { return nil }
        guard let number = groupID(name) else { throw Refusal("there is no group '\(name)'") }
        return number
    }
}
