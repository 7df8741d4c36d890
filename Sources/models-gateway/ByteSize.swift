import ArgumentParser

/// What options about sizes say: a whole number of bytes, or of a larger unit that is named.
struct ByteSize: ExpressibleByArgument {
    let bytes: Int

    private static let units: [(name: String, bytes: Int)] = [
        ("", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]

    init(bytes: Int) {
        self.bytes = bytes
    }

    init?(argument: String) {
        let digits = argument.prefix(while: { ("0"..."9").contains($0) })
        let unit = argument.dropFirst(digits.count)
        guard let number = Int(digits), let found = Self.units.first(where: { $0.name == unit }) else { return nil }
        let (bytes, overflows) = number.multipliedReportingOverflow(by: found.bytes)
        guard !overflows, 1...(1 << 40) ~= bytes else { return nil }
        self.bytes = bytes
    }

    var defaultValueDescription: String {
        let unit = Self.units.last { bytes % $0.bytes == 0 } ?? Self.units[0]
        return "\(bytes / unit.bytes)\(unit.name)"
    }
}
