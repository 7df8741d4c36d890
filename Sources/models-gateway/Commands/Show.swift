import ArgumentParser

struct Show: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show all that is known of a model.",
        discussion: """
            Examples:
              models-gateway show 'GPT-4o Chat Model'
              models-gateway show 3f1c                      the beginning of an id, if no other begins so
              models-gateway show 3f1c --json | jq .maxTokens
            """
    )

    @Argument(help: "Its id, its name, or the beginning of its id.")
    var model: String

    @OptionGroup var shared: SharedOptions

    func run(_ session: CommandSession) throws {
        let model = try ModelList(session).model(model)
        try session.print(model)
    }
}

extension CommandSession {
    /// Prints all of a model, or what the options ask for.
    func print(_ model: ListedModel) throws {
        if options.json { return try print(model.message.bytes, of: models("ModelsCreateNewModel")) }
        if options.quiet { return try printIDs(of: [model]) }
        let facts = try model.details().filter { !$0.value.isEmpty && $0.value != "-" }
        try Output.write(FactSheet(facts).text(for: screen))
    }
}

extension ListedModel {
    fileprivate func details() throws -> [(name: String, value: String)] {
        let tokens = try message.message("max_tokens")
        let created = try message.message("created")
        return [
            ("Name", name), ("Id", id), ("Version", message.string("version")), ("Type", message.enumeration("type")),
            ("Usage", message.enumeration("usage")), ("State", state),
            ("Runs", message.bool("cloud") ? "in the cloud" : "here"),
            ("Provider", message.string("provider")), ("Foundation", message.string("foundation")),
            ("Known there as", message.string("unique")), ("Description", message.string("description")),
            ("Size", try size()), ("Memory", try memory()), ("Quantization", message.string("quantization")),
            ("Parameters", number(message.double("parameters"), " billion")),
            ("Tokens", number(tokens?.double("total"), "")), ("Custom", message.bool("custom") ? "yes" : ""),
            ("Created", try created.map { try moment($0) } ?? ""),
            ("Also", message.string("additional_properties")),
        ]
    }

    private func number(_ value: Double?, _ unit: String) -> String {
        guard let value else { return "" }
        return (Int64(exactly: value).map(String.init) ?? String(value)) + unit
    }

    private func moment(_ created: WireMessage) throws -> String {
        let readable = created.string("readable")
        guard readable.isEmpty, let time = try created.message("value") else { return readable }
        return timeText(seconds: time.integer("seconds") ?? 0)
    }
}
