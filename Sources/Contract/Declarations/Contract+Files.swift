extension Contract {
    /// The file of that name, as imports say it.
    package func file(named name: String) -> File? {
        files.first { $0.name == name }
    }

    /// The file that declares what has that full name: a service, a method, a message, a field, an enum, a
    /// value or an extension.
    package func file(declaring symbol: String) -> File? {
        (fileName(ofDeclaration: symbol) ?? fileName(ofMember: symbol)).flatMap { file(named: $0) }
    }

    /// The file that declares the extension of that number of the message of that full name.
    package func file(extending message: String, by number: UInt32) -> File? {
        extensions.first { $0.extendee == message && $0.number == number }.flatMap { file(named: $0.file) }
    }

    private func fileName(ofDeclaration name: String) -> String? {
        service(named: name)?.file ?? messages[name]?.file ?? enums[name]?.file
            ?? extensions.first { $0.name == name }?.file
    }

    private func fileName(ofMember name: String) -> String? {
        guard let dot = name.lastIndex(of: ".") else { return fileName(ofValue: name, in: "") }
        let scope = String(name[..<dot])
        let member = String(name[name.index(after: dot)...])
        if let service = service(named: scope), service.methods.contains(where: { $0.name == member }) {
            return service.file
        }
        if let message = messages[scope], message.field(named: member) != nil { return message.file }
        return fileName(ofValue: member, in: scope)
    }

    /// The values of an enum stand beside it, not in it.
    private func fileName(ofValue name: String, in scope: String) -> String? {
        enums.values.first { type in
            type.name == String(type.name.lastComponent).within(scope) && type.values.contains { $0.name == name }
        }?.file
    }
}
