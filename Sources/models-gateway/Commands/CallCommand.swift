import ArgumentParser
import Contract

struct CallCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Call an RPC by its name, with JSON in and JSON out.",
        discussion: """
            What a stream sends is one object a line. See what there is: models-gateway methods

            Examples:
              models-gateway call ModelsSnapshot | jq '.iterable | length'
              models-gateway call ModelsDeleteSpecificModel '{"model": "3f1c…"}'
              models-gateway call StreamModelsSnapshot
              models-gateway call pieces.gateway.v1.Control/Status
            """
    )

    @Argument(help: "The RPC, such as ModelsSnapshot or pieces.models.v1.ModelsService/ModelsSnapshot.")
    var method: String

    @Argument(help: "The request: JSON, @FILE, or - for standard input. Without it, one in which nothing is set.")
    var request: String?

    @OptionGroup var shared: SharedOptions

    func run(_ session: CommandSession) throws {
        let method = try session.contract.method(named: method)
        let request = try request.map { try session.text.request(InputText.read($0), of: method) } ?? []
        try session.client.call(method, request) { try session.print($0, of: method) }
    }
}

extension Contract {
    /// By its name, or by its name in full. What there is not is a wrong command line.
    fileprivate func method(named name: String) throws -> Method {
        let found = methods.filter { [$0.name, $0.fullName, "\($0.service).\($0.name)"].contains(name) }
        guard let method = found.first else {
            let nearest = nearestName(to: name, among: methods.flatMap { [$0.name, $0.fullName] })
            let hint = nearest.map { "did you mean '\($0)'?" } ?? "see them: models-gateway methods"
            throw ValidationError("there is no RPC '\(escaped(name))'; \(hint)")
        }
        guard found.count == 1 else {
            throw ValidationError(
                "there are \(found.count) RPCs '\(name)': \(found.map(\.fullName).joined(separator: ", "))"
            )
        }
        guard !method.isClientStreaming else {
            throw ValidationError("\(method.fullName) takes a stream, which gRPC alone can send: use grpcurl")
        }
        return method
    }
}
