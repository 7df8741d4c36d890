import Foundation

/// The models in memory, and what the calls do to them.
actor ModelStore {
    private var models: [[String: JSON]]

    init(models: [[String: JSON]]) {
        self.models = models
    }

    func snapshot() -> JSON {
        [
            "iterable": .array(models.map(JSON.object)),
            "schema": Self.schema,
            "score": ["automatic": .integer(Int64(models.count)), "manual": 0],
        ]
    }

    func create(_ seeded: SeededModel) throws(Refusal) -> JSON {
        if let existing = models.first(where: seeded.duplicates) {
            throw Refusal("This model exists already: \(existing["id"]?.string ?? "").")
        }
        // What Pieces OS computes is added where the client has not said it.
        var model = seeded.members.merging(["downloading": false, "loaded": false]) { sent, _ in sent }
        model["custom"] = true
        model["id"] = .string(UUID().uuidString.lowercased())
        models.append(model)
        return .object(model)
    }

    func delete(_ id: String) throws(Refusal) {
        let index = try index(of: id)
        guard models[index]["custom"] == true else {
            throw Refusal("Only custom models can be deleted, and the model '\(id)' is not one.")
        }
        models.remove(at: index)
    }

    func deleteCache(_ id: String) throws(Refusal) -> JSON {
        let index = try index(of: id)
        guard models[index]["cloud"] == false || models[index]["downloaded"] == true else {
            throw Refusal("The model '\(id)' has no cache: it runs in the cloud and cannot be downloaded.")
        }
        models[index].merge(["downloaded": false, "downloading": false, "loaded": false]) { $1 }
        return ["model": ["id": .string(id), "schema": Self.schema], "schema": Self.schema]
    }

    func unload() {
        for index in models.indices {
            models[index]["loaded"] = false
        }
    }

    private func index(of id: String) throws(Refusal) -> Int {
        guard let index = models.firstIndex(where: { $0["id"]?.string == id }) else {
            throw Refusal("There is no model '\(id)'.")
        }
        return index
    }

    private static let schema: JSON = ["migration": 0, "semantic": "MAJOR_0_MINOR_0_PATCH_1"]
}
