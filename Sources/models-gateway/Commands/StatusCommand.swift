import ArgumentParser
import Glibc

struct StatusCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say how the gateway and Pieces OS are, why calls fail, and what to type next.",
        discussion: """
            Exit code 0: calls are served, 4: they are not, 3: the gateway does not answer, 2: it is not reachable.

            Examples:
              models-gateway status
              models-gateway status --watch                 again when something changes
              models-gateway status --json | jq -r .upstream.state
            """
    )

    @Flag(help: "Go on, and print again when something changes; it is looked at once a second.")
    var watch = false

    @OptionGroup var shared: SharedOptions

    private static let pause: Int32 = 1_000

    func run(_ session: CommandSession) throws {
        guard !watch else { return try keepWatching(session) }
        let report = try StatusReport(session)
        try print(report, session)
        if !report.isServing { throw ExitCode.notServing }
    }

    private func keepWatching(_ session: CommandSession) throws {
        var last = ""
        while true {
            do {
                let report = try StatusReport(session)
                let text = try report.lastingText()
                if text != last {
                    if !last.isEmpty, !shared.json { try Output.write("\n") }
                    try print(report, session)
                }
                last = text
            } catch let failure as CallFailure where failure.code != "DATA_LOSS" {
                if failure.text != last { failure.report(asJSON: shared.json) }
                last = failure.text
            }
            poll(nil, 0, Self.pause)
        }
    }

    private func print(_ report: StatusReport, _ session: CommandSession) throws {
        if shared.quiet, !shared.json { return }
        try Output.write(shared.json ? report.json(session) : Array(report.text(session.screen).utf8))
    }
}
