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

            Sockets that a service manager such as systemd passes on (LISTEN_FDS) are served too, and then there is no \
            default socket. One that --listen names by its path has the policy said there, the others have the \
            default one. They are never removed. Readiness, stopping and signs of life are reported (NOTIFY_SOCKET, \
            WATCHDOG_USEC); what cannot be used of those two is a warning.

            Example: models-gateway serve --socket /run/user/1000/models.sock --upstream http://localhost:1000
            """
    )

    @Option(
        help: ArgumentHelp(
            "The socket to listen on, 107 bytes at most.",
            discussion: """
                Its directory must exist. The default is models-gateway/gateway.sock in $XDG_RUNTIME_DIR, which \
                has to be yours, or without it /tmp/models-gateway-UID/gateway.sock; those directories are made as \
                needed, for you alone. For a file whose name begins with @ write ./@name.
                """,
            valueName: "path"
        ),
        transform: SocketPath.init(parsing:)
    )
    var socket: SocketPath?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The permission bits of that socket, such as 0660. (default: 0600)",
            discussion: """
                Whatever they are, only you and root are served; --listen lets others in.
                """,
            valueName: "octal"
        )
    )
    var socketMode: SocketMode?

    @Option(
        help: ArgumentHelp(
            "A further socket with a policy of its own; may be repeated, with and without --socket.",
            discussion: """
                A list of key=value with commas between them, such as \
                path=/run/x/ro.sock,mode=0660,group=staff,allow=read,uid=1000,uid=1001
                path: the socket; the only key that must be there. One that allows less than another belongs in a \
                directory of its own, because directories are mounted into sandboxes whole.
                mode: its permission bits in octal; 0600 if they are not named.
                group: the group that the socket is given to, by name or number; who of it is served is said by gid.
                allow: read (the two snapshots, Status and Health), all (if nothing is said), or names of RPCs joined \
                with '+'; may be repeated. Another call is answered PERMISSION_DENIED.
                uid, gid: users who are served besides you and root, and groups whose members are, by number; \
                may be repeated. All groups of a client's process count. Others are turned away, whatever the mode.
                """,
            valueName: "specification"
        ),
        transform: Self.specification
    )
    var listen: [ListenSpecification] = []

    @Option(
        help: ArgumentHelp(
            "Where Pieces OS is: auto (the default), http://host:port or unix:PATH.",
            discussion: """
                Without :port it is port 80. \
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
            "Where Prometheus reads metrics over TCP: 127.0.0.1:port, [::1]:port or localhost:port.",
            discussion: """
                Nothing else is to be had there, and any user of the machine may read them. They are at GET /metrics of \
                every socket, too, together with GET /health.
                """,
            valueName: "address"
        )
    )
    var metrics: MetricsAddress?

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @Option(help: "The least important entries that are logged.")
    var logLevel = LogLevel.info

    @Option(help: "How entries are written to standard error, one a line.")
    var logFormat = LogFormat.text

    @Flag(help: "The same as --log-format json; what ends it early is JSON, too.")
    var json = false

    private static func specification(_ text: String) throws -> ListenSpecification {
        do {
            let specification = try ListenSpecification(parsing: text, CarriedContract.get())
            if let group = specification.group, groupID(group) == nil {
                throw ValidationError("there is no group '\(group)'")
            }
            return specification
        } catch let error as ListenSpecificationError {
            throw ValidationError(error.description)
        }
    }

    func validate() throws {
        var paths = Set(socket.map { [$0.text] } ?? [])
        for specification in listen where !paths.insert(specification.path).inserted {
            throw ValidationError("--listen: \(specification.path) comes twice")
        }
    }

    func run() throws {
        let format = json ? .json : logFormat
        let level = logLevel.level
        LoggingSystem.bootstrap { _ in StandardErrorLog(format: format, logLevel: level) }
        let serviceManager = try ServiceManager.takeFromEnvironment(logger: Logger(label: "models-gateway"))
        let sockets = try specifications(besides: serviceManager.sockets)
        do {
            try Daemon(
                sockets: sockets,
                serviceManager: serviceManager,
                location: upstream.location.get(),
                metrics: metrics,
                gatewayLimits: limits.gatewayLimits(),
                upstreamLimits: limits.upstreamLimits()
            ).run()
        } catch {
            throw Refusal("\(error)")
        }
    }

    /// Every socket that is named: that of `--socket`, or the default if there is no other at all, comes first.
    private func specifications(besides passedOn: [ActivatedSocket]) throws -> [ListenSpecification] {
        guard socket != nil || listen.isEmpty && passedOn.isEmpty else {
            guard socketMode == nil else {
                throw ValidationError(
                    "--socket-mode is about --socket; for --listen it is mode=, and sockets passed on keep their own"
                )
            }
            return listen
        }
        var first = try ListenSpecification(path: (socket ?? SocketPath.makeDefault()).text, CarriedContract.get())
        if let socketMode { first.mode = socketMode.bits }
        return [first] + listen
    }
}
