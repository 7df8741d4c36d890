import ArgumentParser
import Contract

struct Create: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a model.",
        discussion: """
            The model is a SeededModel of the REST API, as JSON; or it is made of --name, --version, --type and --usage, \
            with the present time. Only models that were made so can be removed.

            Examples:
              models-gateway create --name mine --version 1 --type SPEED --usage OCR
              models-gateway create @model.json
              jq '.name = "mine"' model.json | models-gateway create -
              id=$(models-gateway create -q @model.json)    its id alone
            """
    )

    @Argument(help: "The model: JSON, @FILE, or - for standard input.")
    var model: String?

    @Option(help: "What it is called.")
    var name: String?

    @Option(help: "The model's version, not the program's.")
    var version: String?

    @Option(help: "BALANCED, SPEED, ACCURACY or UNKNOWN.")
    var type: String?

    @Option(help: "Such as CODE_GENERATION; a wrong one is answered with the list.")
    var usage: String?

    @Flag(help: "It runs in the cloud, not on this machine.")
    var cloud = false

    @OptionGroup var shared: SharedOptions

    func validate() throws {
        let options = [("--name", name), ("--version", version), ("--type", type), ("--usage", usage)]
        if model != nil {
            guard !cloud, options.allSatisfy({ $0.1 == nil }) else {
                throw ValidationError("the model comes as JSON or as options, not as both")
            }
            return
        }
        let missing = options.filter { $0.1 == nil }.map(\.0)
        guard !missing.isEmpty else { return }
        throw ValidationError(
            missing.count == options.count
                ? "say what to make: JSON, @FILE, - or --name, --version, --type and --usage"
                : "there is no \(missing.joined(separator: ", ")): a model needs --name, --version, --type and --usage"
        )
    }

    func run(_ session: CommandSession) throws {
        let json = try model.map { try InputText.read($0) } ?? seed(session.contract)
        let method = session.models("ModelsCreateNewModel")
        let answer = try session.client.call(method, session.text.request(json, inBodyOf: method))
        try session.print(ListedModel(message: WireMessage(answer, method.output, session.contract)))
    }

    private func seed(_ contract: Contract) throws -> [UInt8] {
        let type = try value(type, of: "ModelType", for: "--type", contract)
        let usage = try value(usage, of: "ModelUsage", for: "--usage", contract)
        let json = """
            {"name":\(jsonString(name ?? "")),"version":\(jsonString(version ?? "")),"type":"\(type)",\
            "usage":"\(usage)","cloud":\(cloud),"created":{"value":"\(presentTime())"}}
            """
        return Array(json.utf8)
    }

    private func value(
        _ text: String?,
        of type: String,
        for option: String,
        _ contract: Contract
    ) throws -> String {
        let values = contract.enums["pieces.models.v1.\(type)"]?.values.map(\.jsonName) ?? []
        let text = text ?? ""
        guard let value = values.first(where: { $0 == text.uppercased() }) else {
            throw ValidationError("\(option): '\(text)' is none of \(values.joined(separator: ", "))")
        }
        return value
    }
}
