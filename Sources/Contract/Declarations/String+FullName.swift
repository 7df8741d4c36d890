extension String {
    /// The full name of what has this name in a package or a message.
    func within(_ scope: String) -> String {
        scope.isEmpty ? self : "\(scope).\(self)"
    }

    /// What stands behind the last dot of a full name.
    var lastComponent: Substring {
        lastIndex(of: ".").map { self[index(after: $0)...] } ?? self[...]
    }
}
