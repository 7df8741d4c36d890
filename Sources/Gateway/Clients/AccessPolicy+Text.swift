import Contract

extension AccessPolicy {
    /// As `--listen` says it.
    func text(_ contract: Contract) -> String {
        (["allow=\(methods.text(contract))"] + users.map { "uid=\($0)" } + groups.map { "gid=\($0)" })
            .joined(separator: ",")
    }
}

extension MethodSet {
    /// `all`, `read`, or names with `+` between them.
    func text(_ contract: Contract) -> String {
        for name in ["all", "read"] where MethodSet(name, of: contract) == self { return name }
        let named = contract.methods.filter { contains($0) }
        // What is always allowed goes without saying, where there is something to say.
        let chosen = named.filter { !$0.isAlwaysAllowed }
        return (chosen.isEmpty ? named : chosen).map(\.name).joined(separator: "+")
    }
}
