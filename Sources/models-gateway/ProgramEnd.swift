import ArgumentParser
import Gateway
import Glibc

/// Says why the program ends, and ends it.
struct ProgramEnd {
    /// The program.
    let root: any ParsableCommand.Type
    /// Errors are JSON.
    var isJSON = false
    /// What has been run, if the command line was good enough for it.
    var command: (any ParsableCommand.Type)?

    func exit(with error: any Error) -> Never {
        let code = root.exitCode(for: error)
        switch error {
        case let failure as CallFailure:
            failure.report(asJSON: isJSON)
            Glibc.exit(failure.exitCode.rawValue)
        case is ExitCode:
            Glibc.exit(code.rawValue)
        default:
            let text = text(of: error)
            if code.isSuccess {
                print(isJSON && text == Build.version ? versionJSON : text)
            } else {
                report(text, error, code)
            }
            Glibc.exit(code.rawValue)
        }
    }

    private var versionJSON: String { "{\"version\":\(jsonString(Build.version))}" }

    /// Help, versions and scripts, which somebody waits for.
    private func print(_ text: String) {
        // Output that nobody reads is an error of its write.
        signal(SIGPIPE, SIG_IGN)
        do {
            try Output.write(text + "\n")
        } catch {
            exit(with: error)
        }
    }

    private func report(_ text: String, _ error: any Error, _ code: ExitCode) {
        if isJSON {
            let name = code == .validationFailure ? "INVALID_ARGUMENT" : "FAILED_PRECONDITION"
            CallFailure(code: name, message: root.message(for: error)).report(asJSON: true)
        } else {
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            Output.writeError(lines.map { escaped($0) }.joined(separator: "\n"))
        }
    }

    private func text(of error: any Error) -> String {
        guard let command, let wrong = error as? ValidationError else { return root.fullMessage(for: error) }
        return "Error: \(wrong.message)\n  See 'models-gateway \(command._commandName) --help' for more information."
    }
}
