/// Makes the route of one method from what its option `google.api.http` says, and refuses what the gateway could not carry out.
struct RouteReader {
    /// The method, for errors.
    let place: String
    let input: MessageType
    let output: MessageType

    func route(_ rule: HTTPRule, of method: MethodDeclaration) throws(ContractError) -> Route {
        if let member = rule.unknown.first { throw error("the gateway does not know '\(member)' of a route") }
        guard !method.isClientStreaming else { throw error("a stream of requests cannot be one HTTP request") }
        guard let httpMethod = HTTPMethod(rawValue: rule.httpMethod) else {
            let known = HTTPMethod.allCases.map(\.rawValue).joined(separator: ", ")
            throw error("'\(rule.httpMethod)' is no HTTP method that the gateway knows; it knows \(known)")
        }
        let path = try PathTemplate(place: place, input: input).parts(of: rule.path)
        let body = try body(rule.body, httpMethod)
        try checkUse(of: path, body)
        return Route(httpMethod: httpMethod, path: path, body: body, answer: try answer(of: method))
    }

    private func body(_ name: String, _ httpMethod: HTTPMethod) throws(ContractError) -> Field? {
        guard !name.isEmpty else { return nil }
        guard httpMethod != .get else { throw error("a GET has no body") }
        guard let field = input.field(named: name) else {
            throw error("the body '\(name)' is no field of \(input.name)")
        }
        guard case .message = field.kind, !field.isRepeated else { throw error("the body '\(name)' is no message") }
        return field
    }

    /// What a client says must go somewhere.
    private func checkUse(of path: [Route.PathPart], _ body: Field?) throws(ContractError) {
        for field in input.fields where field != body && !path.contains(.parameter(field)) {
            throw error("the field '\(field.name)' of \(input.name) is neither in the path nor the body")
        }
    }

    private func answer(of method: MethodDeclaration) throws(ContractError) -> Route.Answer {
        guard method.isServerStreaming else { return output.name == MessageType.empty ? .empty : .message }
        let lists = output.fields.filter(\.isListOfMessages)
        guard lists.count == 1, let list = lists.first else {
            throw error("\(output.name) cannot be streamed: that takes exactly one repeated field of messages")
        }
        return .parts(list: list)
    }

    private func error(_ reason: String) -> ContractError {
        ContractError(place, reason)
    }
}

extension Field {
    fileprivate var isListOfMessages: Bool {
        guard case .message(let name) = kind else { return false }
        return isRepeated && name != MessageType.timestamp
    }
}
