/// Facts, one below the other: what each is about, and what is to be said.
struct FactSheet {
    private let facts: [(name: String, value: String)]

    init(_ facts: [(name: String, value: String)]) {
        self.facts = facts
    }

    /// What does not fit the screen goes on below itself.
    ///
    /// - Parameter paint: gives a value its colour, by the name of the fact.
    func text(for screen: Screen, paint: (_ name: String, _ value: String) -> String = { $1 }) -> String {
        let indent = (facts.map(\.name.columns).max() ?? 0) + 2
        var text = ""
        for fact in facts {
            let name = fact.name + ":" + String(repeating: " ", count: indent - fact.name.columns - 1)
            var margin = screen.bold(name)
            for line in Self.lines(escaped(fact.value), in: screen.columns.map { max($0 - indent, 1) }) {
                text += margin + paint(fact.name, line) + "\n"
                margin = String(repeating: " ", count: indent)
            }
        }
        return text
    }

    /// Broken at blanks, where a word is not longer than a line.
    private static func lines(_ value: String, in limit: Int?) -> [String] {
        guard let limit, value.columns > limit else { return [value] }
        var lines: [String] = []
        for word in value.split(separator: " ", omittingEmptySubsequences: false) {
            if let last = lines.last, last.columns + 1 + String(word).columns <= limit {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
