import ArgumentParser

/// The options that every command has which calls a gateway.
struct SharedOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The gateway's socket.",
            discussion: """
                The default is $MODELS_GATEWAY_SOCKET, else models-gateway/gateway.sock in $XDG_RUNTIME_DIR, else \
                /tmp/models-gateway-UID/gateway.sock.
                """,
            valueName: "path"
        ),
        transform: SocketPath.init(parsing:)
    )
    var socket: SocketPath?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long a call may take, such as 500ms, 5s or 2m; a bare number is seconds. (default: 30s)",
            valueName: "time"
        )
    )
    var timeout: Timeout?

    @Flag(help: "Print JSON, as Pieces OS has it; errors too, on standard error.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print ids and nothing else.")
    var quiet = false

    @Flag(help: "Cut nothing, however narrow the window.")
    var noTrunc = false

    @Flag(help: "Do not ask whether to delete.")
    var yes = false
}
