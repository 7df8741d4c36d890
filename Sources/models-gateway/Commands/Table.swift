/// Rows below a head, in columns as wide as what is in them.
struct Table {
    private let head: [String]
    private var rows: [[String]] = []

    private static let gap = 2
    /// A column that has to make room keeps so much.
    private static let narrowest = 4

    init(_ head: String...) {
        self.head = head
    }

    mutating func append(_ row: String...) {
        rows.append(row.map { escaped($0) })
    }

    /// Fits the screen: the widest columns make room first, and when all are narrow the last ones go.
    func text(for screen: Screen) -> String {
        var widths = head.indices.map { column in
            rows.reduce(head[column].columns) { max($0, $1[column].columns) }
        }
        if let limit = screen.columns { Self.fit(&widths, in: limit) }
        let lines = rows.map { line($0, widths) }
        return ([screen.bold(line(head, widths))] + lines).map { $0 + "\n" }.joined()
    }

    private static func fit(_ widths: inout [Int], in limit: Int) {
        func total() -> Int { widths.reduce(0, +) + (widths.count - 1) * gap }
        while total() > limit {
            guard let widest = widths.indices.max(by: { widths[$0] < widths[$1] }) else { return }
            if widths[widest] > narrowest {
                widths[widest] -= 1
            } else if widths.count > 1 {
                widths.removeLast()
            } else {
                widths[0] = max(limit, 1)
                return
            }
        }
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        var line = ""
        var blanks = 0
        for (text, width) in zip(row, widths) {
            let cut = text.cut(to: width)
            line += String(repeating: " ", count: blanks) + cut
            blanks = width - cut.columns + Self.gap
        }
        return line
    }
}
