/// A client in the middle of a large frame.
protocol FrameSender: AnyObject {
    /// Bytes that have arrived of it.
    var unfinishedByteCount: Int { get }
    /// It is not for the client to go on.
    var isHeldUp: Bool { get }
    /// Has the client go on, which had to wait.
    func goOnSending()
}

/// Room for large frames that come in: there is some for a few of them, so that many at once come one after the other and
/// do not take memory all together. Who hardly goes on with one keeps the others waiting for no more than two looks, and has
/// the room no longer then, but may go on.
final class FrameRoom {
    /// What a client has of it.
    enum State {
        case unneeded, awaited, given
    }

    /// Frames of which more bytes than that have come need room.
    static let smallSize = 64 * 1024
    /// Clients that have room at a time.
    static let places = 8
    /// Milliseconds between two looks at those who have room while others wait for it.
    static let lookInterval: UInt64 = 10
    /// Bytes that have to come of a frame from one look to the next.
    static let leastProgress = 16 * 1024

    private let clock: any TurnClock
    /// Milliseconds after which somebody goes on without room.
    private let patience: UInt64
    /// Those who have room, and what had come of each when it was looked at, if it was.
    private var holders: [(sender: any FrameSender, count: Int?)] = []
    /// Those who wait, and since when.
    private var waiting: [(sender: any FrameSender, since: UInt64)] = []
    /// Called when `look` is to be called after the interval.
    var lookIsDue: () -> Void = {}

    init(clock: any TurnClock, patience: UInt64) {
        self.clock = clock
        self.patience = patience
    }

    /// Says whether there is room for the frame of a client. If not, it is told later.
    func enter(_ sender: any FrameSender) -> Bool {
        guard holders.count >= Self.places else {
            holders.append((sender, nil))
            return true
        }
        if waiting.isEmpty { lookIsDue() }
        waiting.append((sender, clock.now))
        return false
    }

    /// The client does not need room any more.
    func leave(_ sender: any FrameSender) {
        waiting.removeAll { $0.sender === sender }
        holders.removeAll { $0.sender === sender }
        letIn()
    }

    func look() {
        // Since the last look everybody has been read from.
        holders.removeAll { sender, count in
            guard let count, !sender.isHeldUp else { return false }
            return sender.unfinishedByteCount < count + Self.leastProgress
        }
        for index in holders.indices { holders[index].count = holders[index].sender.unfinishedByteCount }
        letIn()
        while let first = waiting.first, clock.now - first.since >= patience {
            waiting.removeFirst()
            first.sender.goOnSending()
        }
        if !waiting.isEmpty { lookIsDue() }
    }

    private func letIn() {
        while holders.count < Self.places, let (sender, _) = waiting.first {
            waiting.removeFirst()
            holders.append((sender, nil))
            sender.goOnSending()
        }
    }
}
