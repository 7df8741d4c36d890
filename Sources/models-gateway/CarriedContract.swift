import Contract

/// The contract that the program carries, read once.
enum CarriedContract {
    private static let result = Result { () throws(ContractError) in try Contract.carried() }

    static func get() throws -> Contract {
        do {
            return try result.get()
        } catch {
            throw Refusal("the contract in this program cannot be used: \(error)")
        }
    }
}
