/// So many at once, and so many a second more.
struct TokenBucket {
    static let burst = 1_000.0
    static let perSecond = 300.0

    private var tokens = burst
    private var lastTime: UInt64 = 0

    /// Takes one, if there is one left.
    /// - Parameter now: nanoseconds, which never go back.
    mutating func take(now: UInt64) -> Bool {
        tokens = min(Self.burst, tokens + Double(now - lastTime) * Self.perSecond / 1e9)
        lastTime = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
