/// Text as Prometheus reads it: version 0.0.4 of its exposition format.
struct MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String {
        case counter, gauge, histogram
    }

    private(set) var text = ""
    private var name = ""

    /// Begins with another metric; its samples follow.
    mutating func begin(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
    }

    mutating func add(_ value: some CustomStringConvertible, suffix: String = "", _ labels: (String, String)...) {
        text += name + suffix
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    mutating func add(_ histogram: Histogram) {
        var count = 0
        for (bound, own) in zip(Histogram.bounds, histogram.counts) {
            count += own
            add(count, suffix: "_bucket", ("le", Self.seconds(bound)))
        }
        add(histogram.count, suffix: "_bucket", ("le", "+Inf"))
        add(Double(histogram.sum) / 1e9, suffix: "_sum")
        add(histogram.count, suffix: "_count")
    }

    /// Without an exponent, and without the `.0` of whole numbers.
    private static func seconds(_ nanoseconds: UInt64) -> String {
        let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        guard rest > 0 else { return "\(whole)" }
        var digits = String(String(1_000_000_000 + rest).dropFirst())
        while digits.hasSuffix("0") { digits.removeLast() }
        return "\(whole).\(digits)"
    }

    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { escaped, character in
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
    }
}
