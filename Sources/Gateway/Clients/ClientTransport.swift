import EventLoop

/// What a client's connection needs of its socket.
protocol ClientTransport: AnyObject {
    var isClosed: Bool { get }
    /// Bytes that are queued because the client does not read as fast as it is answered.
    var queuedByteCount: Int { get }
    /// Bytes of memory that they take.
    var heldByteCount: Int { get }

    func write(_ head: [UInt8], _ body: UnsafeRawBufferPointer, queueLimit: Int) throws(LoopError)
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
