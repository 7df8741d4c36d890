import ArgumentParser
import Contract
import Glibc

/// A command that calls a gateway.
protocol ClientCommand: ParsableCommand {
    var shared: SharedOptions { get }
    func run(_ session: CommandSession) throws
}

extension ClientCommand {
    func run() throws {
        // Output that nobody reads is an error of its write.
        signal(SIGPIPE, SIG_IGN)
        endOnInterrupt()
        try run(CommandSession(shared))
    }

    /// The gateway ends the calls of a connection that is closed. Who was started to ignore Ctrl-C goes on doing so.
    private func endOnInterrupt() {
        var present = sigaction()
        sigaction(SIGINT, nil, &present)
        let isIgnored = unsafeBitCast(present.__sigaction_handler.sa_handler, to: Int.self) == 1
        if !isIgnored { signal(SIGINT) { _ in _exit(130) } }
    }
}

/// What a command works with.
struct CommandSession {
    let options: SharedOptions
    let contract: Contract
    let client: GatewayClient
    let text: MessageText

    init(_ options: SharedOptions) throws {
        self.options = options
        contract = try CarriedContract.get()
        client = try GatewayClient(path: options.socket?.text, timeout: options.timeout)
        text = MessageText(contract)
    }

    var screen: Screen { Screen(isCut: !options.noTrunc) }

    /// A method that the contract has.
    func method(_ fullName: String) -> Method {
        guard let method = contract.methods.first(where: { $0.fullName == fullName }) else {
            preconditionFailure("the contract has no \(fullName)")
        }
        return method
    }

    func models(_ name: String) -> Method { method("pieces.models.v1.ModelsService/\(name)") }

    /// The request of a method whose only field that has to be there is the id of a model.
    func request(of method: Method, about model: ListedModel) throws -> [UInt8] {
        try text.request(Array("{\"model\":\(jsonString(model.id))}".utf8), of: method)
    }

    /// Prints what was done, or to whom.
    func say(_ sentence: String, id: String?) throws {
        if options.quiet {
            if let id { try Output.write(escaped(id) + "\n") }
        } else {
            try Output.write(escaped(sentence) + "\n")
        }
    }

    /// Whether `body` did what it should. That it did not is reported, and no reason to stop, unless nothing else can be
    /// done either.
    func goingOn(_ body: () throws -> Void) throws -> Bool {
        do {
            try body()
            return true
        } catch let failure as CallFailure where failure.exitCode == .failure && failure.code != "DATA_LOSS" {
            failure.report(asJSON: options.json)
            return false
        }
    }

    /// Prints an answer of the method as JSON.
    func print(_ answer: [UInt8], of method: Method) throws {
        try Output.write(text.json(answer, as: method.output))
    }
}
