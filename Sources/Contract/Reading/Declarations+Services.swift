extension Declarations {
    /// The services with the messages of their methods and their routes. Methods are numbered over all services.
    func resolvedServices() throws(ContractError) -> [Service] {
        var count = 0
        var resolved: [Service] = []
        for service in services {
            var methods: [Method] = []
            for declaration in service.methods {
                methods.append(try method(declaration, of: service.name, index: count))
                count += 1
            }
            resolved.append(Service(name: service.name, methods: methods, file: service.file))
        }
        return resolved
    }

    private func method(
        _ declaration: MethodDeclaration,
        of service: String,
        index: Int
    ) throws(ContractError) -> Method {
        let place = "\(service)/\(declaration.name)"
        let input = try message(declaration.input, at: place)
        let output = try message(declaration.output, at: place)
        var route: Route?
        if let rule = declaration.rule {
            route = try RouteReader(place: place, input: input, output: output).route(rule, of: declaration)
        }
        return Method(declaration, index: index, service: service, input: input, output: output, route: route)
    }

    private func message(_ reference: String, at place: String) throws(ContractError) -> MessageType {
        let name = try Field.fullName(reference)
        guard let message = messages[name] else { throw ContractError(place, "there is no message \(name)") }
        return message
    }
}
