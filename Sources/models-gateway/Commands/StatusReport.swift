import Contract

/// Why calls work, or why they do not, and what to type next.
struct StatusReport {
    /// Nil where it may not be asked for.
    private let health: GatewayHealth?
    private let status: GatewayStatus
    private let upstream: WireMessage?
    private let isHealthy: Bool
    /// The methods that Pieces OS carries out.
    private let routed: [Method]
    /// What asking for the models, which is the smallest call, has come to; nil where that is of no use or not allowed.
    private let models: Result<ModelList, CallFailure>?

    init(_ session: CommandSession) throws {
        try self.init(session, health: GatewayHealth.unlessDenied(session))
    }

    init(_ session: CommandSession, health: GatewayHealth?) throws {
        self.health = health
        status = try GatewayStatus(session)
        upstream = try status.upstream()
        routed = session.contract.methods.filter { $0.route != nil }
        let isAllowed = status.message.strings("allowed_methods").contains(session.models("ModelsSnapshot").fullName)
        isHealthy = health?.isServing ?? Self.restful.contains(upstream?.enumeration("state") ?? "")
        models = isHealthy && isAllowed ? try Self.models(session) : nil
    }

    /// Whether a call is served.
    var isServing: Bool { isHealthy && failure == nil }

    private var failure: CallFailure? {
        if case .failure(let failure)? = models { failure } else { nil }
    }

    private static func models(_ session: CommandSession) throws -> Result<ModelList, CallFailure> {
        do {
            let models = try ModelList(session)
            try models.checkElements()
            return .success(models)
        } catch let failure as CallFailure where failure.exitCode != .unreachable {
            return .failure(failure)
        }
    }

    // MARK: - Text

    /// One line a fact.
    func text(only names: Set<String>? = nil, _ screen: Screen) throws -> String {
        let facts = try facts().filter { names?.contains($0.name) ?? true }
        return FactSheet(facts).text(for: screen) { name, value in
            guard name == Self.piecesOS else { return value }
            return isServing ? screen.green(value) : screen.red(value)
        }
    }

    /// What does not change by being asked for.
    func lastingText() throws -> String {
        try facts().filter { $0.name != "Calls" }.map { "\($0.name): \($0.value)\n" }.joined()
    }

    private func facts() throws -> [(name: String, value: String)] {
        var facts = [(name: "Gateway", value: try gateway())]
        for socket in try status.message.messages("sockets") {
            facts.append(("Socket", "\(socket.string("path")) (\(socket.string("policy")))"))
        }
        facts.append(("Allowed", allowed()))
        facts.append((Self.piecesOS, pieces()))
        if case .success(let list)? = models {
            facts.append(("Models", "\(list.models.count), \(list.models.count(where: \.isLoaded)) in memory"))
        }
        facts.append(("Calls", calls()))
        facts.append(("Next", next()))
        return facts
    }

    private func gateway() throws -> String {
        let start = try status.message.message("start_time")?.integer("seconds") ?? 0
        let (version, process) = (status.message.string("version"), status.message.integer("pid") ?? 0)
        return "running since \(timeText(seconds: start)), version \(version), process \(process)"
    }

    private func allowed() -> String {
        let allowed = Set(status.message.strings("allowed_methods"))
        let calls = routed.filter { allowed.contains($0.fullName) }
        if calls.count == routed.count { return "all calls" }
        return calls.isEmpty ? "no calls" : calls.map(\.name).joined(separator: ", ")
    }

    private func calls() -> String {
        let running = status.message.integer("calls_in_flight") ?? 0
        return "\(running) in flight, \(status.message.integer("calls_waiting") ?? 0) waiting for Pieces OS"
    }

    private var state: String { upstream?.enumeration("state") ?? "" }

    private func pieces() -> String {
        if let failure {
            let does = failure.reason == "UPSTREAM_HTTP_STATUS" ? "refuses" : "fails"
            return "\(does) calls\(place()): \(failure.message) (\(failure.code))"
        }
        if isHealthy, state == "NOT_ASKED", models == nil { return "not asked, as this socket does not allow to" }
        if isHealthy { return "serving\(place())" }
        if isStopping { return "not asked, as the gateway is stopping" }
        let message = upstream?.string("message") ?? ""
        return "\(Self.words[state] ?? state)\(place(unlessIn: message)): \(message)"
    }

    /// Where it was found, or where it is said to be; nothing if the message says that.
    private func place(unlessIn message: String = "") -> String {
        let (endpoint, location) = (upstream?.string("endpoint") ?? "", upstream?.string("location") ?? "")
        let place = endpoint.isEmpty ? location : endpoint
        let isSaid = place == "auto" || message.contains(place.split(separator: "/").last ?? "")
        return isSaid ? "" : ", at \(place)"
    }

    /// Who is asked for health asks Pieces OS, unless it does so no more.
    private var isStopping: Bool { !isHealthy && Self.restful.contains(state) }

    /// States that say nothing against calls.
    private static let restful = ["SERVING", "NOT_ASKED"]

    private static let piecesOS = "Pieces OS"

    private static let words = [
        "NOT_READY": "not ready", "UNREACHABLE": "absent", "DISTRUSTED": "distrusted",
    ]

    private func next() -> String {
        if let failure { return "\(failure.hint.map { "\($0), then" } ?? "try again"): models-gateway list" }
        if isHealthy { return models == nil ? "models-gateway methods" : "models-gateway list" }
        if isStopping { return "start the gateway again: models-gateway serve" }
        switch state {
        case "NOT_READY": return "wait until it is ready: models-gateway status --watch"
        case "DISTRUSTED":
            return """
                start Pieces OS as the gateway's user, or name the one that you trust: models-gateway serve --upstream \
                http://localhost:PORT
                """
        default: return "start Pieces OS, or name it: models-gateway serve --upstream http://localhost:PORT"
        }
    }

    // MARK: - JSON

    /// The Status that the gateway has answered, with what else was asked.
    func json(_ session: CommandSession) throws -> [UInt8] {
        var json = try session.text.json(status.message.bytes, as: status.method.output)
        // Without the brace and the end of the line.
        json.removeLast(2)
        json += Array(",\"health\":\(jsonString(health?.status ?? "UNKNOWN"))".utf8)
        if let failure { json += Array(",\"error\":\(failure.json)".utf8) }
        return json + Array("}\n".utf8)
    }
}
