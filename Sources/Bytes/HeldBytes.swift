/// How much memory is held until others have read it, all of it together. What several wait with counts once.
public final class HeldBytes {
    public private(set) var count = 0
    /// What of it is no matter any more, because who waited with it is about to go.
    public private(set) var leaving = 0

    public init() {}

    /// What is held, and is not about to be given back.
    public var staying: Int { count - leaving }

    /// More memory is held that belongs to nobody else, or less.
    public func add(_ count: Int) {
        self.count += count
    }

    /// Somebody waits with the bytes.
    /// - Returns: its share of them, which is at least 1.
    public func hold(_ shared: SharedBytes) -> Int {
        if shared.waiters == 0 { count += shared.bytes.count }
        shared.waiters += 1
        return max(1, shared.bytes.count / shared.waiters)
    }

    /// One less waits with the bytes.
    public func release(_ shared: SharedBytes) {
        count -= leave(shared)
    }

    // MARK: - Leaving

    /// The same, but the memory is held still.
    /// - Returns: how much, if nobody else waits with the bytes. It is to be handed to `leaves`, and to `left` later.
    public func leave(_ shared: SharedBytes) -> Int {
        shared.waiters -= 1
        return shared.waiters == 0 ? shared.bytes.count : 0
    }

    public func leaves(_ count: Int) {
        leaving += count
    }

    /// What was leaving has gone.
    public func left(_ count: Int) {
        leaving -= count
        self.count -= count
    }
}

/// It belongs to the loop's thread.
@available(*, unavailable) extension HeldBytes: Sendable {}
