/// How options write an amount: a whole number and the unit behind it, such as `30s` or `64MiB`.
struct Units {
    /// The smallest first, which is the one that amounts are counted in.
    private let sizes: [(name: String, amount: Int)]
    private let range: ClosedRange<Int>

    init(_ sizes: KeyValuePairs<String, Int>, in range: ClosedRange<Int>) {
        self.sizes = sizes.map { (name: $0.key, amount: $0.value) }
        self.range = range
    }

    /// Nil if the text is no such amount, or if it is out of range.
    func amount(of text: String) -> Int? {
        let digits = text.prefix(while: { ("0"..."9").contains($0) })
        let unit = text.dropFirst(digits.count)
        guard let number = Int(digits), let size = sizes.first(where: { $0.name == unit }) else { return nil }
        let (amount, overflows) = number.multipliedReportingOverflow(by: size.amount)
        return !overflows && range ~= amount ? amount : nil
    }

    /// In the largest unit of which it is a whole number.
    func text(of amount: Int) -> String {
        let size = sizes.last { amount % $0.amount == 0 } ?? sizes[0]
        return "\(amount / size.amount)\(size.name)"
    }
}
