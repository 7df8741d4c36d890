import ArgumentParser
import Contract

/// All models that Pieces OS knows, as the gateway answers.
struct ModelList {
    let models: [ListedModel]
    private let message: WireMessage

    /// In parts where one answer would be too large.
    init(_ session: CommandSession) throws {
        let method = session.models("ModelsSnapshot")
        var bytes: [UInt8] = []
        do {
            bytes = try session.client.call(method)
        } catch let failure as CallFailure where failure.reason == "ANSWER_TOO_LARGE" {
            // Laid end to end the parts are the answer.
            try session.client.call(session.models("StreamModelsSnapshot")) { bytes += $0 }
        }
        message = try WireMessage(bytes, method.output, session.contract)
        models = try message.messages("iterable").map { ListedModel(message: $0) }
    }

    /// The same answer with those models alone for which `isKept` is true.
    func bytes(where isKept: (ListedModel) -> Bool) -> [UInt8] {
        message.keeping("iterable") { isKept(models[$0]) }
    }

    /// What the list of Pieces OS cannot be taken for, as one of its elements is no model.
    func checkElements() throws {
        guard models.isEmpty, message.string("additional_properties").contains("\"iterable\":") else { return }
        throw CallFailure(
            code: "INTERNAL",
            message: "Not all that Pieces OS lists are models. See it as it is: models-gateway list --json"
        )
    }

    /// An exact id, an exact name, or the beginning of one id, in this order.
    func model(_ text: String) throws -> ListedModel {
        try checkElements()
        guard !text.isEmpty else { throw ValidationError("an empty text names no model") }
        if let model = models.first(where: { $0.id == text }) { return model }
        let named = models.filter { $0.name == text }
        let found = named.isEmpty ? models.filter { $0.id.hasPrefix(text) } : named
        guard let model = found.first else {
            throw CallFailure(
                code: "NOT_FOUND",
                message: "There is no model '\(text)'. See them: models-gateway list"
            )
        }
        guard found.count == 1 else {
            let list = found.map { "  \($0.id)  \($0.name)" }.joined(separator: "\n")
            throw CallFailure(
                code: "FAILED_PRECONDITION",
                message: "'\(text)' may be any of \(found.count) models. Name one by its id:\n\(list)",
                metadata: [(key: "ids", value: found.map(\.id).joined(separator: " "))]
            )
        }
        return model
    }
}
