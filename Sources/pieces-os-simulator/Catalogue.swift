import Foundation

/// The models that a simulated Pieces OS starts with: the same for the same number and seed.
struct Catalogue {
    private var random: SplitMix64

    /// - Parameter incomplete: how many of them, the last ones, lack members that are not always there in real catalogues.
    static func models(count: Int, seed: UInt64, incomplete: Int) -> [[String: JSON]] {
        var catalogue = Catalogue(random: SplitMix64(seed: seed))
        let blueprints = catalogue.blueprints()
        return (0..<count).map { index in
            let model = catalogue.model(
                index,
                from: blueprints[index % blueprints.count],
                revision: index / blueprints.count + 1
            )
            return index < count - incomplete ? model : model.filter { !["cloud", "maxTokens"].contains($0.key) }
        }
    }

    /// In random order, but one of each maker first, so that a short catalogue has them all.
    private mutating func blueprints() -> [Blueprint] {
        let shuffled = Blueprint.all.shuffled(using: &random)
        var makers: Set<String?> = []
        let isFirst = shuffled.map { makers.insert($0.provider).inserted }
        let numbered = zip(shuffled, isFirst)
        return numbered.filter(\.1).map(\.0) + numbered.filter { !$0.1 }.map(\.0)
    }

    private mutating func model(_ index: Int, from blueprint: Blueprint, revision: Int) -> [String: JSON] {
        // Half of the models converse; the other half takes turns, so that 46 models cover all usages.
        let usage = index.isMultiple(of: 2) ? "CODE_CONVERSATION" : Self.turn(index / 2, of: Vocabulary.usages)
        let name = revision == 1 ? blueprint.name : "\(blueprint.name), revision \(revision)"
        var model: [String: JSON] = [
            "capabilities": capabilities(),
            "cloud": .bool(blueprint.cloud),
            "created": created(),
            "custom": false,
            "denied": .bool(index % 20 == 19),
            "id": .string(uuid()),
            "maxTokens": maxTokens(),
            "name": .string(name),
            "schema": schema(),
            "score": score(),
            "type": .string(Self.turn(index, of: Vocabulary.types)),
            "unique": .string(name.lowercased().replacing(", ", with: "-").replacing(" ", with: "-")),
            "usage": .string(usage),
            "version": "\(revision).\(Int.random(in: 0...9, using: &random)).0",
        ]
        model["foundation"] = blueprint.foundation.map(JSON.string)
        model["provider"] = blueprint.provider.map(JSON.string)
        if index % 10 == 9 {
            model["organization"] = message(["id": .string(uuid())])
        }
        let place = blueprint.cloud ? cloudMembers() : localMembers(parameters: blueprint.parameters)
        let purpose = usage == "UNKNOWN" ? "other purposes" : usage.lowercased().replacing("_", with: " ")
        model["description"] =
            blueprint.cloud
            ? "\(name) for \(purpose), hosted by its provider. Prompts and context leave this machine over the network."
            : "\(name) for \(purpose), on this machine. Once downloaded, it answers without a network, and nothing leaves."
        return model.merging(place) { _, member in member }
    }

    /// UNKNOWN comes first in every enumeration, and last here.
    private static func turn(_ index: Int, of values: [String]) -> String {
        values[(index + 1) % values.count]
    }

    private mutating func cloudMembers() -> [String: JSON] {
        var members: [String: JSON] = ["downloaded": false, "downloading": false, "loaded": false]
        if Int.random(in: 0..<4, using: &random) > 0 {
            members["parameters"] = .null
        }
        return members
    }

    private mutating func localMembers(parameters: Double?) -> [String: JSON] {
        let quantizations = [("q4f16_1", 4.5), ("q4f32_1", 5.0), ("q8f16_0", 8.5), ("q3f16_1", 3.6), ("q0f16", 16.0)]
        let (quantization, bitsPerParameter) = quantizations[Int.random(in: 0..<quantizations.count, using: &random)]
        let size = (parameters ?? 7) * 1e9 * bitsPerParameter / 8 + Double.random(in: 0..<1e6, using: &random)
        let downloaded = Bool.random(using: &random)
        return [
            "bytes": bytes(size),
            "cpu": .bool(Bool.random(using: &random)),
            "downloaded": .bool(downloaded),
            "downloading": .bool(!downloaded && Int.random(in: 0..<10, using: &random) == 0),
            "loaded": .bool(downloaded && Bool.random(using: &random)),
            "parameters": parameters.map(JSON.number) ?? .null,
            "quantization": .string(quantization),
            "ram": bytes(size * 1.2),
        ]
    }

    private mutating func bytes(_ count: Double) -> JSON {
        let units = [(1e9, "GB"), (1e6, "MB"), (1e3, "KB")]
        let (unit, symbol) = units.first { count >= $0.0 } ?? (1, "B")
        let readable = "\((count / unit * 100).rounded() / 100) \(symbol)"
        return message(["readable": .string(readable), "value": .integer(Int64(count))])
    }

    private mutating func capabilities() -> JSON {
        let names = ["assets", "codebases", "documents", "images", "temporal", "videos", "websites"]
        return message(Dictionary(uniqueKeysWithValues: names.map { ($0, .bool(Bool.random(using: &random))) }))
    }

    /// Pieces OS writes three or six digits after the second.
    private mutating func created() -> JSON {
        let second = Int.random(in: 1_672_531_200..<1_748_736_000, using: &random)
        let digits = Bool.random(using: &random) ? 3 : 6
        let fraction = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
        let time = Date(timeIntervalSince1970: TimeInterval(second)).formatted(.iso8601).dropLast()
        return message([
            "readable": .string(String(time).replacing("T", with: " ")),
            "value": .string("\(time).\(fraction)Z"),
        ])
    }

    private mutating func maxTokens() -> JSON {
        let total = Int64(1024) << Int64.random(in: 1...10, using: &random)
        var members: [String: JSON] = ["total": .integer(total)]
        switch Int.random(in: 0..<4, using: &random) {
        case 0: members["total"] = .null
        case 1: members["input"] = .null
        case 2: members.merge(["input": .integer(total / 4 * 3), "output": .null]) { $1 }
        default: members.merge(["input": .integer(total / 4 * 3), "output": .integer(total / 4)]) { $1 }
        }
        return message(members)
    }

    private mutating func score() -> JSON {
        let names = ["automatic", "manual", "priority", "reference", "reuse", "searched", "update"]
        return message(
            Dictionary(uniqueKeysWithValues: names.map { ($0, .integer(Int64.random(in: 0...500, using: &random))) })
        )
    }

    /// The messages within a model say their schema two times in five.
    private mutating func message(_ members: [String: JSON]) -> JSON {
        guard Int.random(in: 0..<5, using: &random) < 2 else { return .object(members) }
        return .object(members.merging(["schema": schema()]) { $1 })
    }

    private mutating func schema() -> JSON {
        let known = Int.random(in: 0..<50, using: &random) > 0
        return ["migration": 0, "semantic": known ? "MAJOR_0_MINOR_0_PATCH_1" : "UNKNOWN"]
    }

    private mutating func uuid() -> String {
        UUID(version4: (random.next(), random.next())).uuidString.lowercased()
    }
}
