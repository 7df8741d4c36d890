/// What a client can make its session hold, and how long the session waits for what has begun. Times are nanoseconds.
package struct SessionLimits: Sendable {
    /// The calls that may be open at once: MAX_CONCURRENT_STREAMS, of which 1,024 is the most that is announced.
    package var calls = 1_024
    /// The most bytes that a message of a request may have, compressed or not.
    package var requestLength = 4_194_304
    /// From so many bytes on a request is announced before it is given out. Never, by itself.
    package var largeLength = Int.max
    /// The most bytes that are kept of all requests together that have not come in whole.
    package var unfinishedBytes = 33_554_432
    /// While so much is to go out, no more of the answers' payloads is added to it.
    package var outgoingBytes = 262_144
    /// A stream of which more waits is told when it has drained to half of that.
    package var waitingBytes = 65_536
    /// What a call without a timeout has. Nil: as long as it likes.
    package var defaultTimeout: UInt64?
    /// How long a message may take until it is whole. Nil: as long as it likes.
    package var messageTime: UInt64?
    /// How long a stream's window may stay shut while an answer waits for it. Nil: as long as it likes.
    package var readTime: UInt64?

    package init() {}
}
