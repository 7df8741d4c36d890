package import Contract

/// What the transcoder has to know about the messages of a contract, made from it when it is first asked for: at start, since
/// asking takes time. What is made lives on without this.
package final class Schemas {
    private let contract: Contract
    private var tables: MessageTables
    private var schemas: [String: MessageSchema] = [:]
    private var payloadTypes: PayloadTypes

    package init(_ contract: Contract) {
        self.contract = contract
        tables = MessageTables(contract)
        payloadTypes = PayloadTypes(contract)
    }

    /// For the message that a JSON text becomes. The same message has the same schema.
    package func schema(of message: MessageType) throws(ContractError) -> MessageSchema {
        if let made = schemas[message.name] { return made }
        let made = MessageSchema(try tables.table(of: message.name), in: tables.memory)
        schemas[message.name] = made
        return made
    }

    /// For a request that a JSON text becomes. Requests of methods are no messages of the REST API: their fields go by
    /// both of their names, and what is no field of theirs comes as `additional_properties`, which they have not.
    package func requestSchema(of message: MessageType) throws(ContractError) -> MessageSchema {
        MessageSchema(try tables.requestTable(of: message), in: tables.memory)
    }

    /// For a message that a JSON text becomes in parts, of which `list` has the elements.
    package func listSchema(of message: MessageType, list: Field) throws(ContractError) -> ListSchema {
        let whole = try schema(of: message)
        guard list.isRepeated, case .message(let name) = list.kind, name != MessageType.timestamp,
            let element = contract.messages[name]
        else {
            throw ContractError("\(message.name).\(list.name)", "is no list of messages")
        }
        return ListSchema(list, whole: whole, element: try schema(of: element))
    }

    /// For the payload that a message comes as. The same message has the same type.
    package func payloadType(of message: MessageType) throws(ContractError) -> ProtobufMessageType {
        try payloadTypes.type(of: message.name)
    }
}

/// Belongs to one thread.
@available(*, unavailable) extension Schemas: Sendable {}
