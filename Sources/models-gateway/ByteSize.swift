import ArgumentParser

/// What options about sizes say.
struct ByteSize: ExpressibleByArgument {
    let bytes: Int

    private static let units = Units(["": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30], in: 1...(1 << 40))

    init(bytes: Int) {
        self.bytes = bytes
    }

    init?(argument: String) {
        guard let bytes = Self.units.amount(of: argument) else { return nil }
        self.bytes = bytes
    }

    var defaultValueDescription: String { Self.units.text(of: bytes) }
}
