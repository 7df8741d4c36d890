import ArgumentParser
import Bytes

/// Why a command did not do what it was asked for: an error as the gateway or its client library says it, or one like it.
struct CallFailure: Error {
    /// By name, such as `NOT_FOUND`.
    let code: String
    /// Such as `UPSTREAM_UNREACHABLE`; empty without one.
    var reason = ""
    let message: String
    var metadata: [(key: String, value: String)] = []

    /// How the process ends.
    var exitCode: ExitCode {
        switch code {
        case "UNAVAILABLE" where reason.isEmpty: .unreachable
        case "DEADLINE_EXCEEDED": .deadline
        default: .failure
        }
    }

    /// What the user can do about it, where the gateway knows.
    var hint: String? { metadata.first { $0.key == "hint" }?.value }

    /// The same, or what to type next.
    private var next: String? {
        if let hint { return hint }
        switch reason {
        case "UPSTREAM_NOT_READY": return "wait until it is ready: models-gateway status --watch"
        case "POLICY_DENIED" where metadata.contains { $0 == ("operation", "Status") }:
            return "name a socket that allows it: --socket PATH"
        case "POLICY_DENIED":
            return "see what this socket allows: models-gateway methods; or name another: --socket PATH"
        case "DEADLINE_EXCEEDED":
            return "see what there is to wait for: models-gateway status; or wait longer: --timeout 2m"
        case "SHUTTING_DOWN": return "start the gateway again: models-gateway serve"
        default: return nil
        }
    }

    /// In sentences, each on a line.
    var text: String {
        let first = message.isEmpty ? code : message
        return "Error: " + lines([first] + (next.map { ["Next: \($0)"] } ?? []))
    }

    var json: String {
        let members = metadata.map { "\(jsonString($0.key)):\(jsonString($0.value))" }.joined(separator: ",")
        return """
            {"code":\(jsonString(code)),"reason":\(jsonString(reason)),"message":\(jsonString(message)),\
            "metadata":{\(members)}}
            """
    }

    private func lines(_ texts: [String]) -> String {
        texts.flatMap { $0.split(whereSeparator: \.isNewline) }.map { escaped(String($0)) }.joined(separator: "\n")
    }
}

extension ExitCode {
    /// The gateway is not reachable.
    static let unreachable = ExitCode(2)
    /// There was no answer in time.
    static let deadline = ExitCode(3)
    /// The gateway answers, but does not serve.
    static let notServing = ExitCode(4)
}
