/// What the machine does not let the gateway do. Ends the process with exit code 1.
struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
