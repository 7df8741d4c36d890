import TTRPC

/// What clients may take of the gateway.
package struct Limits: Sendable {
    package var connections = 16_384
    /// Connections of one user; `nil`: as many as of all together.
    package var connectionsPerUser: Int?
    /// Calls of one connection that have no answer yet.
    package var calls = 16_384
    /// Calls of all clients together that have no answer yet: one for everybody at least.
    var callsOfAll: Int { max(4 * calls, connections) }
    /// Bytes of answers that one client leaves unread.
    package var unreadBytes = 64 << 20
    /// Bytes of memory of the answers that all clients together leave unread. With what answers take that come in at the
    /// moment, and what the daemon takes anyway, that is below 256 MiB.
    var unreadBytesOfAll: Int { unreadBytes > .max / 4 ? .max / 2 : 2 * unreadBytes }
    /// Bytes of data in the frame of a request.
    package var request = FrameHeader.maximumLength
    /// Bytes of frames that are not whole yet, of all clients together.
    var unfinishedBytesOfAll: Int { 64 * request }
    /// Bytes of memory that one payload may unpack to.
    package var payloadMemory = 32 << 20
    /// Milliseconds in which a frame has to arrive whole.
    package var frameTime: UInt64 = 30_000
    /// Milliseconds that a client may go without reading while there is something for it.
    package var readTime: UInt64 = 30_000
    /// Milliseconds between two looks at a slow client. A limit is exceeded by no more than a quarter, and a long one by no
    /// more than a second; the millisecond brings the looks behind the limits and not onto them.
    var lookInterval: UInt64 { min(frameTime / 4, readTime / 4, 1_000) + 1 }
    /// Milliseconds between two looks from which on the gateway itself was held up: by more than a timer's unevenness.
    var longLookInterval: UInt64 { lookInterval + max(lookInterval / 4, 50) }
    /// Milliseconds that a call may take that brings no timeout of its own.
    package var deadline: UInt64 = 30_000
    /// Milliseconds that calls in flight get to end when the gateway is to stop.
    package var drain: UInt64 = 5_000

    package init() {}
}
