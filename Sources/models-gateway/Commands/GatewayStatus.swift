import Contract

/// What the gateway says of itself, and of Pieces OS.
struct GatewayStatus {
    let message: WireMessage
    let method: Method

    init(_ session: CommandSession) throws {
        method = session.method("pieces.gateway.v1.Control/Status")
        message = try WireMessage(session.client.call(method), method.output, session.contract)
    }

    func upstream() throws -> WireMessage? { try message.message("upstream") }
}

/// What the gateway answers to whoever asks whether it serves; Pieces OS has been asked for it.
struct GatewayHealth {
    let message: WireMessage
    let method: Method

    init(_ session: CommandSession) throws {
        method = session.method("grpc.health.v1.Health/Check")
        message = try WireMessage(session.client.call(method), method.output, session.contract)
    }

    /// Nil where the socket does not allow to ask.
    static func unlessDenied(_ session: CommandSession) throws -> GatewayHealth? {
        do {
            return try GatewayHealth(session)
        } catch let failure as CallFailure where failure.reason == "POLICY_DENIED" {
            return nil
        }
    }

    var status: String { message.enumeration("status") }
    var isServing: Bool { status == "SERVING" }
}
