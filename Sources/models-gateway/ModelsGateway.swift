import ArgumentParser

@main
struct ModelsGateway: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models-gateway",
        abstract: "Gives every process on this machine the Pieces OS Models API over a Unix socket.",
        discussion: """
            Clients speak ttrpc (length-prefixed protobuf) with the contract of Protos/pieces/models/v1/models.proto; \
            the gateway makes HTTP calls to Pieces OS of them.
            """,
        subcommands: [Serve.self]
    )

    static func main() {
        openStandardDescriptors()
        do {
            let arguments = try processArguments()
            main(arguments)
        } catch {
            exit(withError: error)
        }
    }
}
