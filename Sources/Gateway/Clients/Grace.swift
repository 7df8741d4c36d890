/// How long a connection without calls stays open when the gateway is to stop, so that a request that is already on its
/// way learns that it was not carried out. Times are milliseconds of the loop's clock.
struct Grace {
    /// It ends when nothing has come for so long,
    static let quietTime: UInt64 = 20
    /// and after so long in any case.
    static let mostTime: UInt64 = 100

    private let start: UInt64
    private var lastArrived: UInt64

    init(now: UInt64) {
        start = now
        lastArrived = now
    }

    /// Something has come.
    mutating func extend(now: UInt64) {
        lastArrived = now
    }

    func isOver(now: UInt64) -> Bool {
        now - lastArrived > Self.quietTime || now - start >= Self.mostTime
    }
}
