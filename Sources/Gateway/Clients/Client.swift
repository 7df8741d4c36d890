import Calls

/// A connected client, as those see it who share out among all of them.
protocol Client: AnyObject {
    /// Calls that have no answer yet.
    var callCount: Int { get }
    /// Bytes that have arrived of a frame that is not whole.
    var unfinishedByteCount: Int { get }
    /// The same, weighed by how long nothing has come.
    var unfinishedWeight: Double { get }
    /// Bytes of memory that answers take which the client has not read and which its socket has no room for, weighed by how
    /// long there have been any: its share, where others wait with the same.
    var unreadWeight: Double { get }

    /// Ends the newest of its calls with an error.
    func failNewestCall(_ status: Status)
    /// Sends nothing more, and closes at the end of this turn. Says how much memory of answers is going to come back.
    func breakOff(_ reason: String) -> Int
    /// Closes at once.
    func close(because reason: String)
    /// Takes no more calls.
    func drain()
    /// Closes a client that takes no more calls, if nothing is left to be done for it.
    func closeIfDrained(now: UInt64)
    /// Answers what is still in flight with an error, and closes.
    func shutDown()
}
