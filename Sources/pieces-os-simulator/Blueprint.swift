/// What one line of the catalogue is made from: a foundation, or a maker's model that has none.
struct Blueprint {
    let name: String
    let foundation: String?
    let provider: String?
    let cloud: Bool
    /// In billions, where the name says it.
    let parameters: Double?

    init(foundation: String) {
        let family = Family.of(foundation: foundation)
        name = Self.name(of: foundation)
        self.foundation = foundation
        provider = family?.provider
        cloud = family?.cloud ?? true
        parameters = Self.parameters(in: foundation)
    }

    private init(name: String, provider: String, cloud: Bool, parameters: Double?) {
        self.name = name
        foundation = nil
        self.provider = provider
        self.cloud = cloud
        self.parameters = parameters
    }

    static let all =
        Vocabulary.foundations.map(Blueprint.init(foundation:)) + [
            Blueprint(name: "OpenELM 3B", provider: "APPLE", cloud: false, parameters: 3),
            Blueprint(name: "Titan Text Express", provider: "AMAZON", cloud: true, parameters: nil),
            Blueprint(name: "CodeGen 2.5 7B", provider: "SALESFORCE", cloud: false, parameters: 7),
            Blueprint(name: "Baize 7B", provider: "HONG_KONG_BAPTIST_UNIVERSITY", cloud: false, parameters: 7),
            Blueprint(name: "Jina Embeddings v2", provider: "JINA", cloud: false, parameters: 0.137),
            Blueprint(name: "Arctic Embed", provider: "SNOWFLAKE", cloud: false, parameters: 0.335),
            Blueprint(name: "In-House Model", provider: "UNKNOWN", cloud: true, parameters: nil),
        ]

    /// `CODE_LLAMA_2_7B` is called Code Llama 2 7B, `GPT_3.5` GPT 3.5.
    private static func name(of foundation: String) -> String {
        guard foundation != "UNKNOWN" else { return "Pieces Tagger" }
        let initialisms: Set = ["GPT", "T5", "LM", "DBRX", "QWQ", "AWS", "MSFT", "AI", "R+"]
        return foundation.split(separator: "_").map { word in
            initialisms.contains(String(word)) || word.contains(where: \.isNumber)
                ? String(word) : word.prefix(1) + word.dropFirst().lowercased()
        }
        .joined(separator: " ")
    }

    /// The size at the end of a name: `7B`, `1.4B`, `410M`.
    private static func parameters(in foundation: String) -> Double? {
        guard let size = foundation.split(separator: "_").last, let count = Double(size.dropLast()) else { return nil }
        return switch size.last {
        case "B": count
        case "M": count / 1000
        default: nil
        }
    }
}
