/// Why a payload cannot be used.
package enum RequestError: Error, Equatable {
    /// The payload or one of its fields is not what the contract says. `field` is the path from the payload's message,
    /// such as `seeded_model.created`, and empty for the payload itself.
    case invalid(field: String, reason: String)
    /// The payload is small enough for a frame but unpacks to more than the budget, in bytes.
    case tooMuchMemory(budget: Int)
    /// The payload has more fields than are taken to pieces.
    case tooManyFields(limit: Int)

    /// What is wrong, for people.
    package var message: String {
        switch self {
        case .invalid("", let reason): "the payload \(reason)"
        case .invalid(let field, let reason): "the field \(field) \(reason)"
        case .tooMuchMemory(let budget): "the payload needs more than \(budget) bytes of memory when unpacked"
        case .tooManyFields(let limit):
            "the payload has more than \(limit) fields; one that is not known counts as two"
        }
    }

    static func invalid(_ reason: String) -> RequestError {
        .invalid(field: "", reason: reason)
    }

    /// The same error seen from the message that holds it in `field`.
    func within(_ field: String) -> RequestError {
        guard case .invalid(let path, let reason) = self else { return self }
        return .invalid(field: path.isEmpty ? field : "\(field).\(path)", reason: reason)
    }
}
