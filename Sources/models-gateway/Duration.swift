import ArgumentParser

/// What options about times say.
struct Duration: ExpressibleByArgument {
    let milliseconds: UInt64

    private static let units = Units(["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000], in: 1...Int(Int32.max))

    init(milliseconds: UInt64) {
        self.milliseconds = milliseconds
    }

    init?(argument: String) {
        guard let amount = Self.units.amount(of: argument) else { return nil }
        milliseconds = UInt64(amount)
    }

    var defaultValueDescription: String { Self.units.text(of: Int(clamping: milliseconds)) }
}
