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
            """,
        version: Build.version,
        subcommands: [Serve.self]
    )

    static func main() {
        openStandardDescriptors()
        // A log that has reached the size that a file may have is no reason to stop: writing to it just fails.
        signal(SIGXFSZ, SIG_IGN)
        do {
            let arguments = try processArguments()
            if let command = arguments.first, !command.hasPrefix("-") { try checkCommand(command, of: Self.self) }
            main(arguments)
        } catch {
            exit(withError: error)
        }
    }
}
