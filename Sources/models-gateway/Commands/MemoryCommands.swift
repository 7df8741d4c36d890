import ArgumentParser

struct ClearCache: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "clear-cache",
        abstract: "Delete what was downloaded of a model.",
        discussion: """
            Example: models-gateway clear-cache 'Llama 3 8B'
            """
    )

    @Argument(help: "Its id, its name, or the beginning of its id.")
    var model: String

    @OptionGroup var shared: SharedOptions

    func run(_ session: CommandSession) throws {
        let model = try ModelList(session).model(model)
        let method = session.models("ModelsDeleteSpecificModelCache")
        let answer = try session.client.call(method, session.request(of: method, about: model))
        if shared.json { return try session.print(answer, of: method) }
        try session.say("Cleared the cache of \(model.name) (\(model.id)).", id: model.id)
    }
}

struct Unload: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "unload",
        abstract: "Take all models out of memory.",
        discussion: """
            Example: models-gateway unload && models-gateway ps
            """
    )

    @OptionGroup var shared: SharedOptions

    func run(_ session: CommandSession) throws {
        let method = session.models("UnloadModels")
        let answer = try session.client.call(method)
        if shared.json { return try session.print(answer, of: method) }
        try session.say("All models are out of memory.", id: nil)
    }
}
