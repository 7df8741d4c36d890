/// Rows below a head, in columns as wide as what is in them.
struct Table {
    private let head: [String]
    private var rows: [[String]] = []

    private static let gap = 2
    /// What columns that have to make room keep, as long as they can, and then.
    private static let narrow = 10
    private static let narrowest = 4

    init(_ head: String...) {
        self.head = head
    }

    mutating func append(_ row: String...) {
        rows.append(row.map { escaped($0) })
    }

    /// Fits the screen: the widest columns make room first, but the first one, which says what a row is about, after the
    /// others. When all are narrow, the last ones go.
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
        func widest(from column: Int) -> Int? { widths.indices[column...].max { widths[$0] < widths[$1] } }
        while total() > limit {
            if let other = widest(from: 1), widths[other] > narrow {
                widths[other] -= 1
            } else if let any = widest(from: 0), widths[any] > narrowest {
                widths[any] -= 1
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
