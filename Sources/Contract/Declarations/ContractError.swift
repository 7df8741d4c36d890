/// Why a descriptor set cannot be used.
package struct ContractError: Error, Equatable, CustomStringConvertible {
    /// What is wrong: a method, a message, a field.
    package let place: String
    package let reason: String

    package init(_ place: String, _ reason: String) {
        self.place = place
        self.reason = reason
    }

    package var description: String { "\(place): \(reason)" }
}
