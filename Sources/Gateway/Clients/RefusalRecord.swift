/// Which refusals are worth an entry in the log: each peer once for each reason at each socket, and not many in a short time, so that
/// nobody can fill the log by knocking at the door.
struct RefusalRecord {
    enum Verdict: Equatable {
        /// - Parameter unlogged: refusals since the last entry that got none.
        case log(unlogged: Int)
        case keepQuiet
    }

    private struct Entry: Equatable {
        let peer: PeerCredentials
        let socket: String
        let reason: String
    }

    static let maximumEntries = 10
    /// Milliseconds in which at most so many entries are written.
    static let period: UInt64 = 10_000
    private static let remembered = 64

    private var recent: [Entry] = []
    private var periodStart: UInt64 = 0
    private var entriesInPeriod = 0
    private var unlogged = 0

    /// - Parameters:
    ///   - socket: the path of the one that the peer came to.
    ///   - now: milliseconds on a clock that never goes back.
    mutating func add(_ peer: PeerCredentials, at socket: String, _ reason: String, now: UInt64) -> Verdict {
        if now - periodStart >= Self.period {
            periodStart = now
            entriesInPeriod = 0
        }
        let entry = Entry(peer: peer, socket: socket, reason: reason)
        guard entriesInPeriod < Self.maximumEntries, !recent.contains(entry) else {
            unlogged += 1
            return .keepQuiet
        }
        if recent.count == Self.remembered { recent.removeFirst() }
        recent.append(entry)
        entriesInPeriod += 1
        defer { unlogged = 0 }
        return .log(unlogged: unlogged)
    }
}
