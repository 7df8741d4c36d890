/// Whether a stream waited for its client when it was last looked at, eight times.
struct RecentPauses {
    private var looks: UInt8 = 0

    mutating func note(isPaused: Bool) {
        looks = looks << 1 | (isPaused ? 1 : 0)
    }

    var isEmpty: Bool { looks == 0 }
    /// Its client is slower than Pieces OS.
    var areMost: Bool { looks.nonzeroBitCount >= 4 }
}
