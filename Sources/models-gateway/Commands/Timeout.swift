import ArgumentParser

/// What `--timeout` says: a time, or a number of seconds.
struct Timeout: ExpressibleByArgument {
    let milliseconds: UInt64

    init?(argument: String) {
        let isNumber = !argument.isEmpty && argument.allSatisfy { ("0"..."9").contains($0) }
        guard let duration = Duration(argument: isNumber ? argument + "s" : argument) else { return nil }
        milliseconds = duration.milliseconds
    }
}
