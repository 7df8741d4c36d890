/// One thing that a client can call. Immutable, and an object only so that handing it on copies nothing.
package final class Method: Sendable {
    /// Its place in `Contract.methods`.
    package let index: Int
    /// The full name of its service.
    package let service: String
    package let name: String
    /// The message of a request.
    package let input: MessageType
    /// The message of an answer, or each message of a stream.
    package let output: MessageType
    package let isClientStreaming: Bool
    package let isServerStreaming: Bool
    /// No policy of a socket refuses it.
    package let isAlwaysAllowed: Bool
    /// How it is carried out upstream; nil if the gateway itself answers.
    package let route: Route?

    package var fullName: String { "\(service)/\(name)" }
    /// It changes nothing upstream.
    package var isRead: Bool { route.map { $0.httpMethod.isRead } ?? true }

    init(
        _ declaration: MethodDeclaration,
        index: Int,
        service: String,
        input: MessageType,
        output: MessageType,
        route: Route?
    ) {
        self.index = index
        self.service = service
        self.input = input
        self.output = output
        self.route = route
        name = declaration.name
        isClientStreaming = declaration.isClientStreaming
        isServerStreaming = declaration.isServerStreaming
        isAlwaysAllowed = declaration.isAlwaysAllowed
    }
}
