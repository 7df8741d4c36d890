/// Some methods of a contract: one bit each, so that asking costs nothing.
package struct MethodSet: Equatable, Sendable {
    /// The last word is never 0, so that equal sets have equal words.
    private var words: [UInt64] = []

    package init(_ methods: some Sequence<Method> = []) {
        for method in methods { insert(method) }
    }

    /// - Parameter names: `all`, `read` or names of methods, with `+` between them. Anything else gives `nil`. Methods that are
    ///   always allowed come with every name.
    package init?(_ names: some StringProtocol, of contract: Contract) {
        self.init(contract.methods.filter(\.isAlwaysAllowed))
        for name in names.split(separator: "+", omittingEmptySubsequences: false) {
            let named = contract.methods.filter {
                switch name {
                case "all": true
                case "read": $0.isRead
                default: $0.name == name
                }
            }
            guard !named.isEmpty || name == "all" || name == "read" else { return nil }
            formUnion(MethodSet(named))
        }
    }

    package static func all(of contract: Contract) -> MethodSet { MethodSet(contract.methods) }

    package mutating func insert(_ method: Method) {
        let word = method.index / 64
        while words.count <= word { words.append(0) }
        words[word] |= Self.bit(of: method)
    }

    package mutating func formUnion(_ other: MethodSet) {
        for (index, word) in other.words.enumerated() {
            if index < words.count { words[index] |= word } else { words.append(word) }
        }
    }

    package func union(_ other: MethodSet) -> MethodSet {
        var union = self
        union.formUnion(other)
        return union
    }

    package func isSuperset(of other: MethodSet) -> Bool {
        union(other) == self
    }

    package func contains(_ method: Method) -> Bool {
        let word = method.index / 64
        return word < words.count && words[word] & Self.bit(of: method) != 0
    }

    private static func bit(of method: Method) -> UInt64 {
        1 &<< UInt64(truncatingIfNeeded: method.index % 64)
    }
}
