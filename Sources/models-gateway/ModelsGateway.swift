import ArgumentParser
import Gateway
import Glibc

@main
struct ModelsGateway: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models-gateway",
        abstract: "Gives every process on this machine the Pieces OS Models API over a Unix socket.",
        discussion: """
            Clients speak ttrpc (length-prefixed protobuf) or gRPC with the contract of \
            Protos/pieces/models/v1/models.proto; the gateway makes HTTP calls to Pieces OS of them.

            Examples:
              models-gateway serve                          until Ctrl-C
              models-gateway status                         what works, what does not, and what to type next
              models-gateway list                           the models

            Exit codes: 0; 1 the call failed; 2 the gateway is not reachable; 3 no answer in time; 4 status and health \
            when calls are not served; 64 a wrong command line; 130 Ctrl-C.
            """,
        version: Build.version,
        subcommands: [
            Serve.self, List.self, ListLoaded.self, Show.self, Create.self, Remove.self, ClearCache.self, Unload.self,
            CallCommand.self, MethodsCommand.self, StatusCommand.self, HealthCommand.self,
        ]
    )

    static func main() {
        openStandardDescriptors()
        // A log that has reached the size that a file may have is no reason to stop: writing to it just fails.
        signal(SIGXFSZ, SIG_IGN)
        var end = ProgramEnd(root: Self.self)
        do {
            let arguments = try processArguments()
            end.isJSON = arguments.prefix { $0 != "--" }.contains("--json")
            if let command = arguments.first, !command.hasPrefix("-") { try checkCommand(command, of: Self.self) }
            var command = try parseAsRoot(arguments)
            end.command = type(of: command)
            try command.run()
        } catch {
            end.exit(with: error)
        }
    }
}
