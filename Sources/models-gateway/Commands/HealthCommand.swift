import ArgumentParser

struct HealthCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Say whether calls are served; the exit code says it too.",
        discussion: """
            Pieces OS is asked for it. Exit code 0: SERVING, 4: it is not, 3: the gateway does not answer, 2: it is not \
            reachable.

            Examples:
              models-gateway health && models-gateway list
              until models-gateway health -q; do sleep 1; done
            """
    )

    @OptionGroup var shared: SharedOptions

    func run(_ session: CommandSession) throws {
        let health = try GatewayHealth(session)
        if shared.json {
            try session.print(health.message.bytes, of: health.method)
        } else if !shared.quiet {
            try Output.write(escaped(health.status) + "\n")
            if !health.isServing {
                let report = try StatusReport(session, health: health)
                try Output.write(report.text(only: ["Pieces OS", "Next"], session.screen))
            }
        }
        if !health.isServing { throw ExitCode.notServing }
    }
}
