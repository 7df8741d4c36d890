import ArgumentParser
import EventLoop
import Gateway
import Glibc
import Logging
import PiecesOS

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Listen on a Unix socket and serve until SIGINT or SIGTERM.",
        discussion: """
            Prints one line on standard error when it is ready. On SIGINT or SIGTERM it stops accepting, lets the calls \
            in flight end (5 s at most), removes the socket and exits with 0. Exit code 64 stands for a wrong command \
            line, 1 for what the machine refuses.

            Example: models-gateway serve --socket /run/user/1000/models.sock --upstream http://localhost:1000
            """
    )

    @Option(
        help: ArgumentHelp(
            "The socket to listen on, 107 bytes at most.",
            discussion: """
                Its directory must exist. The default is models-gateway/gateway.sock in $XDG_RUNTIME_DIR, or else \
                /tmp/models-gateway-UID/gateway.sock; those directories are made as needed, for you alone.
                """,
            valueName: "path"
        )
    )
    var socket: SocketPath?

    @Option(help: ArgumentHelp("Who may connect, as permission bits of the socket.", valueName: "octal"))
    var socketMode = SocketMode(bits: 0o600)

    @Option(
        help: ArgumentHelp(
            "Where Pieces OS is: auto (the default), http://host:port or unix:PATH.",
            discussion: """
                auto looks at port 1000, the port in Pieces OS's own .port.txt, 5323, and 39300 to 39333 of this \
                machine, and trusts only what runs as you or as root.
                """,
            valueName: "location"
        ),
        transform: UpstreamArgument.init(parsing:)
    )
    var upstream = UpstreamArgument.auto

    @Option(
        help: ArgumentHelp(
            "How long a call may take that brings no timeout, such as 500ms, 30s or 2m.",
            valueName: "time"
        )
    )
    var deadline = Duration(milliseconds: 30_000)

    @Option(help: ArgumentHelp("Connections to Pieces OS at once; further calls wait.", valueName: "count"))
    var maxUpstreamConnections = 32

    @Option(help: ArgumentHelp("Clients at once; further ones are turned away.", valueName: "count"))
    var maxConnections = 16_384

    @Option(help: "The least important entries that are logged.")
    var logLevel = LogLevel.info

    @Option(help: "How entries are written to standard error, one a line.")
    var logFormat = LogFormat.text

    func validate() throws {
        guard 1...1024 ~= maxUpstreamConnections else {
            throw ValidationError("--max-upstream-connections: 1 to 1024, not \(maxUpstreamConnections)")
        }
        guard 1...1_000_000 ~= maxConnections else {
            throw ValidationError("--max-connections: 1 to 1000000, not \(maxConnections)")
        }
    }

    func run() throws {
        let format = logFormat
        let level = logLevel.level
        LoggingSystem.bootstrap { _ in StandardErrorLog(format: format, logLevel: level) }
        let path = try socket ?? SocketPath.makeDefault()
        do {
            try Daemon(
                path: path.text,
                mode: socketMode.bits,
                location: upstream.location.get(),
                gatewayLimits: gatewayLimits(),
                upstreamLimits: upstreamLimits()
            ).run()
        } catch {
            throw Refusal("\(error)")
        }
    }

    private func gatewayLimits() -> Gateway.Limits {
        var limits = Gateway.Limits()
        limits.connections = maxConnections
        limits.deadline = deadline.milliseconds
        return limits
    }

    private func upstreamLimits() -> Upstream.Limits {
        var limits = Upstream.Limits()
        limits.connections = maxUpstreamConnections
        return limits
    }
}
