import Bytes
import EventLoop

@testable import Gateway

/// The socket of a client, of which the test says how much it takes.
final class FakeTransport: ClientTransport {
    struct Write: Equatable {
        let head: [UInt8]
        let body: [UInt8]
        let bodyStart: UnsafeRawPointer?
        /// Where those bytes lie that were not copied.
        let pieces: [UnsafeRawPointer?]
        let queueLimit: Int
    }

    private(set) var writes: [Write] = []
    private(set) var isClosed = false
    private(set) var isReading = true
    private(set) var queuedByteCount = 0
    var heldByteCount: Int { isWrittenOff ? 0 : queuedByteCount }
    private(set) var isWrittenOff = false
    /// Bytes that it takes before it queues.
    var room = Int.max
    /// What writing fails with.
    var error: LoopError?
    /// What had arrived already when the connection asks for it for the last time.
    var arriveLast: () -> Void = {}

    var sent: [UInt8] { writes.flatMap { $0.head + $0.body } }

    func write(
        _ bytes: borrowing OutgoingBytes,
        _ body: UnsafeRawBufferPointer,
        queueLimit: Int
    ) throws(LoopError) {
        if let error { throw error }
        let head = bytes.joined
        let taken = min(room, head.count + body.count)
        room -= taken
        guard queuedByteCount + head.count + body.count - taken <= queueLimit else { throw .noBufferSpace }
        queuedByteCount += head.count + body.count - taken
        writes.append(
            Write(
                head: head,
                body: Array(body),
                bodyStart: body.baseAddress,
                pieces: bytes.pieces.map(\.bytes.baseAddress),
                queueLimit: queueLimit
            )
        )
    }

    /// The client reads so much of what is queued.
    func take(_ count: Int) {
        queuedByteCount -= count
    }

    func writeOff() {
        isWrittenOff = true
    }

    func pauseReading() {
        isReading = false
    }

    func resumeReading() throws(LoopError) {
        isReading = true
    }

    func stopReceiving() {
        arriveLast()
    }

    func close() {
        isClosed = true
        queuedByteCount = 0
    }
}

final class FakeClock: TurnClock {
    var now: UInt64 = 1_000
}
