/// How a client keeps up with the frame that it has begun, and with reading what is queued for it. Times are those of the
/// loop's clock, which counts whole milliseconds: only what is over a limit by one has surely had all of its time.
final class ClientPace {
    /// What a client is too slow at.
    enum Fault: String {
        case sending = "a frame does not arrive whole"
        case reading = "it does not read its answers"
    }

    /// The client is slow at the moment, and to be looked at again.
    private(set) var isWatched = false
    private var lastLook: UInt64 = 0
    private var frameStart: UInt64 = 0
    /// When something of it last came.
    private var lastArrived: UInt64 = 0
    /// Bytes that were handed to the socket's queue, and how many of them had left it when that last was looked at; `nil`
    /// if all of them had.
    private var handedOver = 0
    private var taken: Int?
    /// When something was last seen to have left the queue.
    private var lastTaken: UInt64 = 0
    /// When the queue was last seen to be empty: something has been in it since then.
    private var lastEmpty: UInt64 = 0

    /// A frame begins to arrive; or the client could not go on with it until now.
    func beginFrame(now: UInt64) {
        frameStart = now
        lastArrived = now
    }

    /// More of the frame has come.
    func continueFrame(now: UInt64) {
        lastArrived = now
    }

    /// - Parameter unread: bytes in the queue before them.
    func handOver(_ count: Int, behind unread: Int, now: UInt64) {
        if unread == 0 { lastEmpty = now }
        handedOver += count
    }

    /// - Parameter unread: bytes in the queue.
    func watch(unread: Int, now: UInt64) {
        isWatched = true
        lastLook = now
        taken = handedOver - unread
        lastTaken = now
    }

    /// There has been something in the queue for longer than that.
    func isBehind(for milliseconds: UInt64, now: UInt64) -> Bool {
        isWatched && now - lastEmpty > milliseconds
    }

    /// What the bytes of a begun frame weigh against those of other clients: the more the longer nothing has come.
    func weight(unfinished: Int, now: UInt64) -> Double {
        Double(unfinished) * Double(now - lastArrived + 1)
    }

    /// What the memory of the queue weighs against that of other clients: the more the longer there has been something in it.
    /// A client that reads some of it now and then keeps the rest all the same.
    func weight(held: Int, now: UInt64) -> Double {
        Double(held) * Double(now - lastEmpty + 1)
    }

    /// While the gateway was stopped or suspended, nothing was read of the client and nothing sent to it.
    private func countAnew(now: UInt64) {
        frameStart = now
        lastArrived = now
        lastTaken = now
        lastEmpty = now
    }

    /// Looks at a client that is watched, and goes on if it is still slow.
    func look(unread: Int, isMidFrame: Bool, now: UInt64, limits: Limits) -> Fault? {
        isWatched = false
        if now - lastLook > limits.longLookInterval { countAnew(now: now) }
        lastLook = now
        if unread == 0 || handedOver - unread != taken {
            // Nothing can have been taken of what is queued after this, so that the next look counts anew.
            taken = unread == 0 ? nil : handedOver - unread
            lastTaken = now
        } else if now - lastTaken > limits.readTime {
            return .reading
        }
        if isMidFrame, now - frameStart > limits.frameTime { return .sending }
        isWatched = unread > 0 || isMidFrame
        return nil
    }
}
