/// How often something took how long.
struct Histogram {
    /// The upper bounds of the buckets in nanoseconds; what takes longer is in none.
    static let bounds: [UInt64] = [
        100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000,
        10_000_000, 25_000_000, 50_000_000,
        100_000_000, 250_000_000, 500_000_000,
        1_000_000_000, 2_500_000_000, 5_000_000_000,
        10_000_000_000, 30_000_000_000,
    ]

    private(set) var count = 0
    /// Nanoseconds.
    private(set) var sum: UInt64 = 0
    /// Of each bucket, without those below it.
    private(set) var counts = [Int](repeating: 0, count: bounds.count)

    mutating func add(nanoseconds: UInt64) {
        count += 1
        sum += nanoseconds
        if let bucket = Self.bounds.firstIndex(where: { nanoseconds <= $0 }) { counts[bucket] += 1 }
    }
}
