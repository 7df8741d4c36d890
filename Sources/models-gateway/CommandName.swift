import ArgumentParser

/// Refuses a command that there is not, and says which one may have been meant.
func checkCommand(_ name: String, of parent: (some ParsableCommand).Type) throws {
    let names = parent.configuration.subcommands.flatMap { [$0._commandName] + $0.configuration.aliases } + ["help"]
    guard !names.contains(name) else { return }
    let nearest = nearestName(to: name, among: names)
    let hint = nearest.map { "did you mean '\($0)'?" } ?? "there are \(names.joined(separator: ", "))"
    throw ValidationError("there is no command '\(name)'; \(hint)")
}

/// The name that may have been meant, if one is near enough.
func nearestName(to name: String, among names: [String]) -> String? {
    let nearest = names.map { (name: $0, distance: editDistance(name, $0)) }.min { $0.distance < $1.distance }
    return nearest.flatMap { $0.distance <= 2 ? $0.name : nil }
}

/// How many characters have to be put in, taken out or changed to make one text of the other.
private func editDistance(_ first: String, _ second: String) -> Int {
    var distances = Array(0...second.count)
    for (row, character) in first.enumerated() {
        var diagonal = distances[0]
        distances[0] = row + 1
        for (column, other) in second.enumerated() {
            let above = distances[column + 1]
            distances[column + 1] = min(diagonal + (character == other ? 0 : 1), above + 1, distances[column] + 1)
            diagonal = above
        }
    }
    return distances[second.count]
}
