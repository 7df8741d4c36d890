import Bytes
import EventLoop

/// What a client's connection needs of its socket.
protocol ClientTransport: AnyObject {
    var isClosed: Bool { get }
    /// Bytes that are queued because the client does not read as fast as it is answered.
    var queuedByteCount: Int { get }
    /// Bytes of memory that they take: its share, where others wait with the same.
    var heldByteCount: Int { get }

    func write(_ bytes: borrowing OutgoingBytes, _ lent: UnsafeRawBufferPointer, queueLimit: Int) throws(LoopError)
    /// What is queued no longer counts.
    func writeOff()
    func pauseReading()
    func resumeReading() throws(LoopError)
    /// Reads what has arrived, and nothing that comes later.
    func stopReceiving()
    func close()
}

extension ByteStream: ClientTransport {}

/// Tells the time of a turn, in milliseconds on a clock that never goes back.
protocol TurnClock: AnyObject {
    var now: UInt64 { get }
}

extension Loop: TurnClock {}
