/// The odd stream ids that a client has used. They need not come in order, because clients that number their calls before
/// they queue them send them slightly out of it; but only the latest are remembered.
struct StreamIDWindow {
    enum Use: Equatable {
        /// The id was unused, and is used now.
        case first
        case repeated
        /// Too far below the highest one for anybody to know.
        /// - Parameter lowest: the lowest id that may still be used.
        case tooLow(lowest: UInt32)
    }

    /// An id may be so far below the highest one.
    static let reach: UInt32 = 254

    /// 0 until an id has been used.
    private var highest: UInt32 = 0
    /// Bit n is set when the id that is 2n below the highest one has been used.
    private var used: UInt128 = 0

    mutating func use(_ streamID: UInt32) -> Use {
        if streamID > highest {
            // From 0, which is no id, the distance does not matter: no bit is set.
            used = used << ((streamID - highest) / 2) | 1
            highest = streamID
            return .first
        }
        guard highest - streamID <= Self.reach else { return .tooLow(lowest: highest - Self.reach) }
        let bit: UInt128 = 1 << ((highest - streamID) / 2)
        guard used & bit == 0 else { return .repeated }
        used |= bit
        return .first
    }
}
