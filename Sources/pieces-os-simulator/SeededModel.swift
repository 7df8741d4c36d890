/// What a client sends to create a model: checked for what the API requires, otherwise kept as it came.
struct SeededModel {
    let members: [String: JSON]

    init(_ json: JSON) throws(Refusal) {
        guard let members = json.object else { throw Refusal("The body is not a SeededModel: it is not an object.") }
        self.members = members
        try require("cloud", "a boolean") { $0.bool != nil }
        try require("created", "an object with a value, a time as a string") { $0.object?["value"]?.string != nil }
        for name in ["name", "type", "usage", "version"] {
            try require(name, "a string") { $0.string != nil }
        }
    }

    private func require(_ name: String, _ type: String, _ fits: (JSON) -> Bool) throws(Refusal) {
        guard let member = members[name] else {
            throw Refusal("The body is not a SeededModel: the required member '\(name)' is missing.")
        }
        guard fits(member) else {
            throw Refusal("The body is not a SeededModel: the member '\(name)' must be \(type).")
        }
    }

    /// One `unique` names one model; where it is missing, name and version do.
    func duplicates(_ model: [String: JSON]) -> Bool {
        if let unique = members["unique"]?.string, let other = model["unique"]?.string {
            return unique == other
        }
        return members["name"] == model["name"] && members["version"] == model["version"]
    }
}
