import ArgumentParser

/// Refuses a command that there is not, and says which one may have been meant.
func checkCommand(_ name: String, of parent: (some ParsableCommand).Type) throws {
    let names = parent.configuration.subcommands.flatMap { [$0._commandName] + $0.configuration.aliases } + ["help"]
    guard !names.contains(name) else { return }
    let nearest = names.map { (name: $0, distance: editDistance(name, $0)) }.min { $0.distance < $1.distance }
    let hint =
        if let nearest, nearest.distance <= 2 {
            "did you mean '\(nearest.name)'?"
        } else {
            "there are \(names.joined(separator: ", "))"
        }
    throw ValidationError("there is no command '\(name)'; \(hint)")
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
