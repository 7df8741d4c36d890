/// What must hold of all methods together, and of every message that travels as JSON.
enum ContractCheck {
    static func check(_ methods: [Method], _ declarations: Declarations) throws(ContractError) {
        try checkNames(of: methods)
        var schemas = SchemaCheck(messages: declarations.messages, enums: declarations.enums)
        for method in methods {
            guard let route = method.route else { continue }
            if let body = route.body, case .message(let name) = body.kind { try schemas.check(name) }
            if route.answer != .empty { try schemas.check(method.output.name) }
        }
    }

    /// Policies name methods without their service. Only services that the gateway itself answers may share a name.
    private static func checkNames(of methods: [Method]) throws(ContractError) {
        var fullNames: Set<String> = []
        var first: [String: Method] = [:]
        for method in methods {
            guard fullNames.insert(method.fullName).inserted else {
                throw ContractError(method.fullName, "is declared twice")
            }
            guard let other = first.updateValue(method, forKey: method.name) else { continue }
            guard other.route == nil, method.route == nil else {
                throw ContractError(method.fullName, "the name is taken by \(other.fullName)")
            }
        }
    }
}
