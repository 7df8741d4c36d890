/// One model of the list, as people want to see it.
struct ListedModel {
    let message: WireMessage

    var id: String { message.string("id") }
    var name: String { message.string("name") }
    var isLoaded: Bool { message.bool("loaded") }

    var provider: String { Self.text(message.string("provider")) }

    /// What it is in the middle of, or where it is.
    var state: String {
        if message.bool("downloading") { return "downloading" }
        if isLoaded { return "loaded" }
        if message.bool("cloud") { return "cloud" }
        return message.bool("downloaded") ? "downloaded" : "-"
    }

    /// On disk.
    func size() throws -> String { try amount("bytes") }

    /// In memory.
    func memory() throws -> String { try amount("ram") }

    private func amount(_ field: String) throws -> String {
        guard let amount = try message.message(field) else { return "-" }
        let readable = amount.string("readable")
        return readable.isEmpty ? amount.integer("value").map(byteText) ?? "-" : readable
    }

    /// A dash where there is nothing to say.
    static func text(_ text: String) -> String { text.isEmpty ? "-" : text }
}

/// Such as `4.1 GB`.
func byteText(_ count: Int64) -> String {
    let units = ["B", "KB", "MB", "GB", "TB", "PB", "EB"]
    var (tenths, unit) = (count.magnitude.multipliedReportingOverflow(by: 10).partialValue, 0)
    if count.magnitude > .max / 10 { (tenths, unit) = (count.magnitude / 100, 1) }
    while tenths >= 10_000, unit < units.count - 1 {
        tenths /= 1_000
        unit += 1
    }
    let fraction = unit == 0 || tenths >= 1_000 ? "" : ".\(tenths % 10)"
    return "\(count < 0 ? "-" : "")\(tenths / 10)\(fraction) \(units[unit])"
}
