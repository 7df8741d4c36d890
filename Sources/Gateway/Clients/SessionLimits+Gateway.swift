import GRPC

extension SessionLimits {
    init(_ limits: Limits) {
        self.init()
        calls = min(limits.calls, 1_024)
        requestLength = limits.request
        largeLength = Backlog.largeRequest
        unfinishedBytes = 8 * limits.request
        defaultTimeout = limits.deadline * 1_000_000
        messageTime = limits.frameTime * 1_000_000
        readTime = limits.readTime * 1_000_000
    }
}
