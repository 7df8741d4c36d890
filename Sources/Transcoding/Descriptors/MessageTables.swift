internal import Bytes
internal import Contract

/// Makes the tables of messages that can be carried as JSON, each once.
struct MessageTables {
    let memory = OwnedMemory()
    private let contract: Contract
    private var tables: [String: UnsafePointer<MessageTable>] = [:]

    init(_ contract: Contract) {
        self.contract = contract
    }

    /// The table of the message of that full name, and those of all messages in it.
    mutating func table(of name: String) throws(ContractError) -> UnsafePointer<MessageTable> {
        if let made = tables[name] { return made }
        // Also what keeps this from going round in circles.
        try contract.checkJSON(of: name)
        guard let message = contract.messages[name], let additionalProperties = message.additionalProperties else {
            preconditionFailure("the contract says that \(name) can be carried as JSON")
        }
        let fields = message.fields.filter { !$0.isAdditionalProperties }
        let names = fields.enumerated().map { ($1.jsonName, $0) }
        let made = try table(of: fields, names, additionalProperties: additionalProperties.number)
        tables[name] = made
        return made
    }

    /// The table of a request, which has no `additional_properties`: what comes as such is nothing that it could carry.
    mutating func requestTable(of message: MessageType) throws(ContractError) -> UnsafePointer<MessageTable> {
        for field in message.fields {
            switch field.kind {
            case .scalar(.bool), .scalar(.int64), .scalar(.double), .scalar(.string), .message: break
            default: throw ContractError("\(message.name).\(field.name)", "is of a type that JSON does not become here")
            }
        }
        let names = message.fields.enumerated().flatMap { index, field in
            Set([field.name, field.jsonName]).map { ($0, index) }
        }
        return try table(of: message.fields, names, additionalProperties: Field.additionalPropertiesNumber)
    }

    private mutating func table(
        of fields: [Field],
        _ names: [(String, Int)],
        additionalProperties: UInt32
    ) throws(ContractError) -> UnsafePointer<MessageTable> {
        var entries: [MessageTable.Field] = []
        for field in fields { entries.append(try entry(of: field)) }
        let table = MessageTable(
            names: NameTable(names, in: memory),
            fields: UnsafePointer(memory.array(entries)),
            additionalProperties: PackedTag(ProtobufTag(additionalProperties, .lengthDelimited))
        )
        return UnsafePointer(memory.value(table))
    }

    private mutating func entry(of field: Field) throws(ContractError) -> MessageTable.Field {
        let (kind, wireType) = try kind(of: field)
        let single = MessageTable.Field(tag: PackedTag(ProtobufTag(field.number, wireType)), kind: kind)
        guard field.isRepeated else { return single }
        return MessageTable.Field(tag: single.tag, kind: .list(UnsafePointer(memory.value(single))))
    }

    private mutating func kind(of field: Field) throws(ContractError) -> (MessageTable.Kind, WireType) {
        switch field.kind {
        case .scalar(.bool): return (.bool, .varint)
        case .scalar(.int64): return (.int64, .varint)
        case .scalar(.double): return (.double, .fixed64)
        case .scalar(.string): return (.string, .lengthDelimited)
        case .enumeration(let name): return (.enumeration(numbers(of: name)), .varint)
        case .message(MessageType.timestamp): return (.timestamp, .lengthDelimited)
        case .message(let name): return (.message(try table(of: name)), .lengthDelimited)
        case .scalar, .group: preconditionFailure("the contract says that \(field.name) can be carried as JSON")
        }
    }

    private func numbers(of name: String) -> UnsafePointer<NameTable> {
        guard let type = contract.enums[name] else { preconditionFailure("there is no enum \(name)") }
        return UnsafePointer(memory.value(NameTable(type.values.map { ($0.jsonName, Int($0.number)) }, in: memory)))
    }
}
