import ArgumentParser

struct List: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models.",
        discussion: """
            Examples:
              models-gateway list
              models-gateway list llama                     those whose id or name begins so
              models-gateway list -q | head -1              ids alone
              models-gateway list --json | jq '.iterable[].name'
            """,
        aliases: ["ls"]
    )

    @Argument(help: "What the id or the name begins with.")
    var prefix: String?

    @OptionGroup var shared: SharedOptions

    func run(_ session: CommandSession) throws {
        let prefix = prefix ?? ""
        let list = try ModelList(session)
        let isShown = { (model: ListedModel) in model.id.hasPrefix(prefix) || model.name.hasPrefix(prefix) }
        if shared.json { return try session.print(list.bytes(where: isShown), of: session.models("ModelsSnapshot")) }
        try list.checkElements()
        let models = list.models.filter(isShown)
        if shared.quiet { return try session.printIDs(of: models) }
        var table = Table("NAME", "ID", "PROVIDER", "SIZE", "STATE")
        for model in models { table.append(model.name, model.id, model.provider, try model.size(), model.state) }
        try Output.write(table.text(for: session.screen))
    }
}

struct ListLoaded: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "ps",
        abstract: "List the models that are in memory.",
        discussion: """
            Examples:
              models-gateway ps
              models-gateway ps -q
              models-gateway ps --json | jq '.iterable | length'
            """
    )

    @OptionGroup var shared: SharedOptions

    func run(_ session: CommandSession) throws {
        let list = try ModelList(session)
        if shared.json { return try session.print(list.bytes(where: \.isLoaded), of: session.models("ModelsSnapshot")) }
        try list.checkElements()
        let models = list.models.filter(\.isLoaded)
        if shared.quiet { return try session.printIDs(of: models) }
        var table = Table("NAME", "ID", "PROVIDER", "SIZE", "MEMORY")
        for model in models { table.append(model.name, model.id, model.provider, try model.size(), try model.memory()) }
        try Output.write(table.text(for: session.screen))
    }
}

extension CommandSession {
    func printIDs(of models: [ListedModel]) throws {
        try Output.write(models.map { escaped($0.id) + "\n" }.joined())
    }
}
