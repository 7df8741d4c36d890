extension Status {
    /// The `reason` of an ErrorInfo: what went wrong, in more detail than a code has.
    package enum Reason: String, CaseIterable, Sendable {
        case frameTooLarge = "FRAME_TOO_LARGE"
        case badRequest = "BAD_REQUEST"
        case unknownMethod = "UNKNOWN_METHOD"
        case policyDenied = "POLICY_DENIED"
        case limitReached = "LIMIT_REACHED"
        case shuttingDown = "SHUTTING_DOWN"
        case deadlineExceeded = "DEADLINE_EXCEEDED"
        case cancelled = "CANCELLED"
        case upstreamUnreachable = "UPSTREAM_UNREACHABLE"
        case upstreamNotReady = "UPSTREAM_NOT_READY"
        case upstreamConnectionLost = "UPSTREAM_CONNECTION_LOST"
        case upstreamHTTPStatus = "UPSTREAM_HTTP_STATUS"
        case upstreamBadHTTP = "UPSTREAM_BAD_HTTP"
        case upstreamBadJSON = "UPSTREAM_BAD_JSON"
        case upstreamTooLarge = "UPSTREAM_TOO_LARGE"
        case upstreamQueueFull = "UPSTREAM_QUEUE_FULL"
        case answerTooLarge = "ANSWER_TOO_LARGE"
    }
}
