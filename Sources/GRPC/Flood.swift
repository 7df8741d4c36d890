/// What a client may send only so much of.
package enum Flood: Int, CaseIterable, Sendable {
    /// Calls that it cancels: one that has gone out counts twice.
    case resets
    /// Streams that the session has to end for a fault of the client's.
    case faults
    case pings
    case settings
    case emptyData
    case priorities
    case continuations

    /// More of these for one head are too many, whatever the time.
    static let maximumContinuations = 8
}
