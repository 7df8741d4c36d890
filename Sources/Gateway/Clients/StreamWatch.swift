import EventLoop

/// A client with streams that wait until it reads, while each has a connection to Pieces OS.
protocol StreamingClient: AnyObject {
    /// Notes which of its streams wait at the moment, and says whether any did lately.
    func noteWaitingStreams() -> Bool
    /// Streams that have waited more often than not, lately.
    var slowStreamCount: Int { get }
    /// Calls of others have waited for a connection for longer than they should.
    var keepsOthersWaiting: Bool { get }
    func giveUpSlowStreams()
}

/// The clients with streams that wait. When calls of others wait for a connection, the client with the most slow streams loses
/// them. What counts is how long others have waited: a client that reads now and then is never behind for long.
///
/// One timer looks after all of them, and runs only while there is one.
final class StreamWatch {
    /// Milliseconds between two looks. Eight of them are what a stream is judged by.
    private static let interval: UInt64 = 100

    private var timer: Timer?
    private var clients: [ObjectIdentifier: any StreamingClient] = [:]

    init(loop: Loop) throws(LoopError) {
        timer = try Timer(loop: loop) { [unowned self] in look() }
    }

    func add(_ client: any StreamingClient) {
        if clients.isEmpty { timer?.start(milliseconds: Self.interval) }
        clients[ObjectIdentifier(client)] = client
    }

    func remove(_ client: AnyObject) {
        clients[ObjectIdentifier(client)] = nil
    }

    func look() {
        clients = clients.filter { $0.value.noteWaitingStreams() }
        if !clients.isEmpty { timer?.start(milliseconds: Self.interval) }
        let slow = clients.values.filter { $0.slowStreamCount > 0 && $0.keepsOthersWaiting }
        slow.max { $0.slowStreamCount < $1.slowStreamCount }?.giveUpSlowStreams()
    }

    func close() {
        timer?.close()
        clients = [:]
    }
}
