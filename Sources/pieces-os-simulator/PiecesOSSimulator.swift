import ArgumentParser
import FlyingFox
import FlyingSocks
internal import Glibc

/// The command line.
@main
struct PiecesOSSimulator: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pieces-os-simulator",
        abstract: "A stand-in for the Models API of Pieces OS, in memory.",
        discussion: """
            Serves GET /models, POST /models/create, /models/{model}/delete, /models/{model}/delete/cache and \
            /models/unload, and GET /.well-known/health and /.well-known/version. HEAD is answered wherever GET is. \
            Says on standard output when it is ready, and where; SIGINT and SIGTERM end it, and what was created \
            with it.

            Other states than serving are those that Pieces OS is in for a while: migrating (health says \
            'migrating', calls get 503), signed-out (health is ok, calls get 401), update-required (health is ok, \
            calls get 593), starting (connections are accepted, and nothing is answered).

              pieces-os-simulator --port 5323
              curl http://127.0.0.1:5323/models
            """
    )

    @Option(help: "IPv4 address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "TCP port to listen on. 0 takes a free one; those below 1024 may need root.")
    var port: UInt16 = 1000

    @Option(help: "Number of models at the start, 0 to 100000. From 149 on, every foundation occurs.")
    var models = 60

    @Option(help: ArgumentHelp("Time that every answer is held back.", valueName: "milliseconds"))
    var latency = 0

    @Option(help: "Models are the same for the same seed.")
    var seed: UInt64 = 1

    @Option(
        help: """
            Number of models, the last ones, without the members cloud and maxTokens, which real catalogues lack now and \
            then. The published SDK refuses a catalogue with such a model.
            """
    )
    var incomplete = 0

    @Option(help: "What Pieces OS is in the middle of.")
    var state = State.serving

    func validate() throws {
        guard (try? address()) != nil else { throw ValidationError("--host \(host) is not an IPv4 address.") }
        guard (0...100_000).contains(models) else { throw ValidationError("--models takes 0 to 100000.") }
        guard (0...models).contains(incomplete) else { throw ValidationError("--incomplete takes 0 to \(models).") }
        guard (0...600_000).contains(latency) else { throw ValidationError("--latency takes 0 to 600000.") }
    }

    func run() async throws {
        for number in [SIGINT, SIGTERM] {
            // There is nothing to save, and a call that is being answered has no one left to rely on the answer.
            signal(number) { _ in _exit(0) }
        }
        let server = HTTPServer(
            config: HTTPServer.Configuration(
                address: try address(),
                timeout: state == .starting ? 1e9 : Double(latency) / 1000 + 60,
                pool: NoDelayPool(base: HTTPServer.defaultPool()),
                logger: .disabled
            ),
            handler: ModelsAPI(
                store: ModelStore(models: Catalogue.models(count: models, seed: seed, incomplete: incomplete)),
                latency: .milliseconds(latency),
                state: state
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await serve(server) }
            group.addTask { try await announce(server) }
            // Not waitForAll(), which would let a server that failed be waited for.
            for try await _ in group {}
        }
    }

    private func serve(_ server: HTTPServer) async throws {
        do {
            try await server.run()
        } catch SocketError.failed(_, let code, _) {
            throw ListenFailure(address: "\(host):\(port)", code: code)
        }
    }

    private func announce(_ server: HTTPServer) async throws {
        try await server.waitUntilListening(timeout: 60)
        guard case .ip4(_, let port) = await server.listeningAddress else { return }
        print("pieces-os-simulator ready on http://\(host):\(port) (\(models) models, seed \(seed))")
        fflush(nil)
    }

    private func address() throws -> sockaddr_in {
        try .inet(ip4: host, port: port)
    }
}
