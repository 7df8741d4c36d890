/// Looks through a message that travels as JSON, and through all messages in it, for what could not be carried.
struct SchemaCheck {
    /// Messages within messages; whoever walks through them recurses.
    private static let deepest = 100

    private let messages: [String: MessageType]
    private let enums: [String: EnumType]
    private var checked: Set<String> = []
    /// The message that is being looked through, behind those that it is in.
    private var path: [String] = []

    init(messages: [String: MessageType], enums: [String: EnumType]) {
        self.messages = messages
        self.enums = enums
    }

    mutating func check(_ name: String) throws(ContractError) {
        guard !path.contains(name) else { throw ContractError(name, "a message must not hold itself, however deep") }
        guard !checked.contains(name) else { return }
        guard let message = messages[name] else { throw ContractError(name, "there is no such message") }
        guard path.count < Self.deepest else { throw ContractError(name, "is nested too deep") }
        try checkAdditionalProperties(of: message)
        try checkMembers(of: message)
        path.append(name)
        for field in message.fields {
            do throws(ContractError) {
                try check(field)
            } catch {
                // An error that is about another message says so already.
                throw error.place.isEmpty ? ContractError("\(name).\(field.name)", error.reason) : error
            }
        }
        path.removeLast()
        checked.insert(name)
    }

    private func checkAdditionalProperties(of message: MessageType) throws(ContractError) {
        guard let field = message.additionalProperties, field.kind == .scalar(.string), field.label == .optional else {
            throw ContractError(
                message.name,
                "needs 'optional string additional_properties = \(Field.additionalPropertiesNumber);' for what is unknown"
            )
        }
        guard message.fields.last == field else {
            throw ContractError(message.name, "no number may be higher than that of \(field.name)")
        }
    }

    private func checkMembers(of message: MessageType) throws(ContractError) {
        var names: Set<String> = []
        for field in message.fields where !names.insert(field.jsonName).inserted {
            throw ContractError("\(message.name).\(field.name)", "another field stands for '\(field.jsonName)' too")
        }
    }

    private mutating func check(_ field: Field) throws(ContractError) {
        guard field.label != .required else { throw .here("must be optional: absent has a meaning of its own") }
        guard !field.isInOneof else { throw .here("is in a oneof, which JSON does not know") }
        switch field.kind {
        case .scalar(.bool), .scalar(.int64), .scalar(.double), .scalar(.string): break
        case .scalar(let scalar):
            throw .here("is of the type \(scalar), which is not carried as JSON; int64, double, bool and string are")
        case .group: throw .here("is a group, which JSON does not know")
        case .enumeration(let name): try checkEnum(name)
        case .message(MessageType.timestamp): break
        case .message(let name): try checkMessage(name)
        }
    }

    private mutating func checkMessage(_ name: String) throws(ContractError) {
        if messages[name]?.isMapEntry == true { throw .here("is a map, which is not carried as JSON") }
        guard !name.hasPrefix("google.protobuf.") else { throw .here("is a \(name), which is not carried as JSON") }
        try check(name)
    }

    private func checkEnum(_ name: String) throws(ContractError) {
        guard let type = enums[name] else { throw .here("there is no enum \(name)") }
        guard !type.values.isEmpty else { throw .here("the enum \(name) has no values") }
        for value in type.values where value.jsonName.isEmpty {
            throw .here("the value \(value.name) of \(name) must begin with \(type.prefix)")
        }
    }
}

extension ContractError {
    /// About the field that is being looked at.
    fileprivate static func here(_ reason: String) -> ContractError {
        ContractError("", reason)
    }
}
