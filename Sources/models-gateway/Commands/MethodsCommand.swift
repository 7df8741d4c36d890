import ArgumentParser
import Contract

struct MethodsCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods",
        abstract: "List the RPCs, what they take and answer, and whether this socket allows them.",
        discussion: """
            Examples:
              models-gateway methods
              models-gateway methods -q | grep Models
            """
    )

    @OptionGroup var shared: SharedOptions

    func run(_ session: CommandSession) throws {
        let allowed = Set(try GatewayStatus(session).message.strings("allowed_methods"))
        let methods = session.contract.methods
        if shared.json {
            let list = methods.map { $0.json(isAllowed: allowed.contains($0.fullName)) }.joined(separator: ",")
            return try Output.write("{\"methods\":[\(list)]}\n")
        }
        if shared.quiet { return try Output.write(methods.map { $0.fullName + "\n" }.joined()) }
        var table = Table("RPC", "ALLOWED", "TAKES", "ANSWERS", "SERVICE")
        for method in methods {
            table.append(
                method.name,
                allowed.contains(method.fullName) ? "yes" : "no",
                stream(method.isClientStreaming) + shortName(method.input),
                stream(method.isServerStreaming) + shortName(method.output),
                method.service
            )
        }
        try Output.write(table.text(for: session.screen))
    }

    private func stream(_ isStream: Bool) -> String { isStream ? "stream " : "" }

    private func shortName(_ message: MessageType) -> String {
        message.name.split(separator: ".").last.map(String.init) ?? message.name
    }
}

extension Method {
    fileprivate func json(isAllowed: Bool) -> String {
        """
        {"method":\(jsonString(fullName)),"request":\(jsonString(input.name)),"response":\(jsonString(output.name)),\
        "clientStreaming":\(isClientStreaming),"serverStreaming":\(isServerStreaming),"allowed":\(isAllowed)}
        """
    }
}
