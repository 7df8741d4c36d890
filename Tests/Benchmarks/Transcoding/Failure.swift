/// Why there is nothing to measure.
struct Failure: Error, CustomStringConvertible {
    let description: String
}
