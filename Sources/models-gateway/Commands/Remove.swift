import ArgumentParser
import Glibc

struct Remove: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Delete models that were made with create.",
        discussion: """
            Asks first on a terminal; elsewhere it does nothing without --yes. A model that is not there does not keep \
            the others from being deleted; the exit code is 1 then.

            Examples:
              models-gateway rm mine
              models-gateway rm --yes 3f1c 9a00
              models-gateway list -q mine | xargs models-gateway rm --yes
            """
    )

    @Argument(help: "Ids, names, or beginnings of ids.")
    var models: [String]

    @OptionGroup var shared: SharedOptions

    func validate() throws {
        guard shared.yes || isatty(STDIN_FILENO) == 1 else {
            throw ValidationError("nobody can be asked whether to delete: say --yes")
        }
    }

    func run(_ session: CommandSession) throws {
        let list = try ModelList(session)
        var failed = false
        var found: [ListedModel] = []
        for text in models {
            failed =
                try !session.goingOn {
                    let model = try list.model(text)
                    if !found.contains(where: { $0.id == model.id }) { found.append(model) }
                } || failed
        }
        if !found.isEmpty, !shared.yes { try ask(about: found) }
        for model in found { failed = try !session.goingOn { try delete(model, session) } || failed }
        if failed { throw ExitCode.failure }
    }

    private func ask(about models: [ListedModel]) throws {
        let names = models.map { "\(escaped($0.name)) (\(escaped($0.id)))" }.joined(separator: ", ")
        Output.writeError("Delete \(names)? [y/N] ", terminator: "")
        let answer = readLine() ?? ""
        guard ["y", "yes"].contains(answer.lowercased()) else {
            throw ValidationError("nothing was deleted, as the answer was not y")
        }
    }

    private func delete(_ model: ListedModel, _ session: CommandSession) throws {
        let method = session.models("ModelsDeleteSpecificModel")
        _ = try session.client.call(method, session.request(of: method, about: model))
        if shared.json { return try Output.write("{\"id\":\(jsonString(model.id))}\n") }
        try session.say("Deleted \(model.name) (\(model.id)).", id: model.id)
    }
}
