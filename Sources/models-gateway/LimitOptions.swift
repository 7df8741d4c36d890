import ArgumentParser
import Gateway
import PiecesOS

/// The options that say how much of the gateway anybody may take.
struct LimitOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long a call may take that brings no timeout, such as 500ms, 30s or 2m.",
            valueName: "time"
        )
    )
    var deadline = Duration(milliseconds: Limits().deadline)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Connections to Pieces OS at once; further calls wait.",
            discussion: "Never more than half of the file descriptors that the process has left.",
            valueName: "count"
        )
    )
    var maxUpstreamConnections = Upstream.Limits().connections

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Calls that wait for a connection to Pieces OS.",
            discussion: "Beyond it, the client with the most waiting calls loses its newest (UPSTREAM_QUEUE_FULL).",
            valueName: "count"
        )
    )
    var maxWaitingCalls = Upstream.Limits().waiting

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Size of the requests of calls that wait, together, such as 64MiB.",
            discussion: "When there is more, the client with the largest requests loses its newest.",
            valueName: "size"
        )
    )
    var maxWaitingSize = ByteSize(bytes: Upstream.Limits().waitingSize)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Clients at once; further ones are turned away.",
            discussion: "Never more than the process has file descriptors for.",
            valueName: "count"
        )
    )
    var maxConnections = Limits().connections

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Clients of one user at once; further ones are turned away. (default: --max-connections)",
            valueName: "count"
        )
    )
    var maxConnectionsPerUid: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Unanswered calls on one connection; further ones get LIMIT_REACHED.",
            discussion: """
                All together may have four times that, or one each if that is more; then the client with the most loses \
                its newest.
                """,
            valueName: "count"
        )
    )
    var maxCallsPerConnection = Limits().calls

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Answers that a client may leave unread, such as 64MiB; then its connection is closed.",
            discussion: """
                All together may leave twice that; then the client that has left the most for longest is closed. \
                Sizes are written as 65536, 64KiB, 64MiB or 1GiB.
                """,
            valueName: "size"
        )
    )
    var maxUnread = ByteSize(bytes: Limits().unreadBytes)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Data in the frame of a request, such as 512KiB, 4MiB at most; larger ones get FRAME_TOO_LARGE.",
            discussion: """
                All together may have begun 64 times that; then the client with the most for longest is closed.
                """,
            valueName: "size"
        )
    )
    var maxRequest = ByteSize(bytes: Limits().request)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Memory that the payload of a request may unpack to, such as 32MiB; larger ones get LIMIT_REACHED.",
            valueName: "size"
        )
    )
    var maxPayloadMemory = ByteSize(bytes: Limits().payloadMemory)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "All header lines of an answer of Pieces OS, such as 80KiB; larger ones become UPSTREAM_TOO_LARGE.",
            discussion: "Interim answers before it, trailers and the extensions of chunks count too.",
            valueName: "size"
        )
    )
    var maxUpstreamHead = ByteSize(bytes: Upstream.Limits().head)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Body of an answer of Pieces OS, such as 64MiB; larger ones become UPSTREAM_TOO_LARGE. Streams have no limit.",
            valueName: "size"
        )
    )
    var maxUpstreamBody = ByteSize(bytes: Upstream.Limits().body)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long a frame may take to arrive whole, such as 500ms or 30s; then the connection is closed.",
            valueName: "time"
        )
    )
    var frameTimeout = Duration(milliseconds: Limits().frameTime)

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long a client may read nothing of an answer, such as 500ms or 30s; then its connection is closed.",
            discussion: """
                After 1s its streams end with LIMIT_REACHED if they keep connections to Pieces OS that others wait for.
                """,
            valueName: "time"
        )
    )
    var readTimeout = Duration(milliseconds: Limits().readTime)

    func validate() throws {
        try check("--max-upstream-connections", maxUpstreamConnections, 1...1024)
        try check("--max-waiting-calls", maxWaitingCalls, 1...1_000_000)
        try check("--max-connections", maxConnections, 1...1_000_000)
        try check("--max-connections-per-uid", maxConnectionsPerUid ?? 1, 1...1_000_000)
        try check("--max-calls-per-connection", maxCallsPerConnection, 1...1_000_000)
        try check("--max-request", maxRequest.bytes, 1...Limits().request)
    }

    private func check(_ option: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard range ~= value else {
            throw ValidationError("\(option): \(range.lowerBound) to \(range.upperBound), not \(value)")
        }
    }

    func gatewayLimits() -> Limits {
        var limits = Limits()
        limits.connections = maxConnections
        limits.connectionsPerUser = maxConnectionsPerUid
        limits.calls = maxCallsPerConnection
        limits.unreadBytes = maxUnread.bytes
        limits.request = maxRequest.bytes
        limits.payloadMemory = maxPayloadMemory.bytes
        limits.frameTime = frameTimeout.milliseconds
        limits.readTime = readTimeout.milliseconds
        limits.deadline = deadline.milliseconds
        return limits
    }

    func upstreamLimits() -> Upstream.Limits {
        var limits = Upstream.Limits()
        limits.connections = maxUpstreamConnections
        limits.waiting = maxWaitingCalls
        limits.waitingSize = maxWaitingSize.bytes
        limits.head = maxUpstreamHead.bytes
        limits.body = maxUpstreamBody.bytes
        return limits
    }
}
