internal import Bytes
internal import CProtobufC
internal import Contract

/// Makes the types of messages, each once.
struct PayloadTypes {
    private let contract: Contract
    private let descriptors: MessageDescriptors
    private var types: [String: ProtobufMessageType] = [:]
    /// The messages that are being made, each in the one before.
    private var path: [String] = []

    init(_ contract: Contract) {
        self.contract = contract
        descriptors = MessageDescriptors(contract)
    }

    /// The type of the message of that full name, and those of all messages in it.
    mutating func type(of name: String) throws(ContractError) -> ProtobufMessageType {
        if let made = types[name] { return made }
        guard !path.contains(name) else { throw ContractError(name, "a message must not hold itself, however deep") }
        guard let message = contract.messages[name] else { throw ContractError(name, "there is no such message") }
        path.append(name)
        defer { path.removeLast() }
        let descriptor = try descriptors.descriptor(of: name)
        var members: [ProtobufMessageType.Member] = []
        for (index, field) in message.fields.enumerated() {
            members.append(try member(field, descriptor.pointee.fields[index]))
        }
        let made = ProtobufMessageType(descriptor, members, in: descriptors)
        types[name] = made
        return made
    }

    private mutating func member(
        _ field: Field,
        _ descriptor: ProtobufCFieldDescriptor
    ) throws(ContractError) -> ProtobufMessageType.Member {
        let name = Array(field.jsonName.utf8)
        return ProtobufMessageType.Member(
            name: name,
            spelling: Self.spelling(of: name),
            kind: try kind(of: field, descriptor),
            isNullableRequired: field.isNullableRequired,
            isAdditionalProperties: field.isAdditionalProperties
        )
    }

    private static func spelling(of name: [UInt8]) -> [UInt8] {
        var spelling: [UInt8] = []
        name.withUnsafeBytes { spelling.append(jsonString: $0) }
        return Array(spelling.dropFirst().dropLast())
    }

    private mutating func kind(
        of field: Field,
        _ descriptor: ProtobufCFieldDescriptor
    ) throws(ContractError) -> ProtobufMessageType.Kind {
        switch field.kind {
        case .scalar(.bool): return .bool
        case .scalar(.int32), .scalar(.sint32), .scalar(.sfixed32): return .int32
        case .scalar(.uint32), .scalar(.fixed32): return .uint32
        case .scalar(.int64), .scalar(.sint64), .scalar(.sfixed64): return .int64
        case .scalar(.uint64), .scalar(.fixed64): return .uint64
        case .scalar(.double): return .double
        case .scalar(.string): return .string
        case .enumeration(let name): return .enumeration(valueNames(of: name, descriptor))
        case .message(MessageType.timestamp):
            try checkTimestamp()
            return .timestamp
        case .message(let name): return .message(try type(of: name))
        case .scalar(.float), .scalar(.bytes), .group: return .other
        }
    }

    private func valueNames(of name: String, _ field: ProtobufCFieldDescriptor) -> [[UInt8]] {
        let type = field.descriptor.load(as: ProtobufCEnumDescriptor.self)
        return (0..<Int(type.n_values)).map { index in
            let value = contract.enums[name]?.values.first { $0.number == type.values[index].value }
            // Only messages that Pieces OS does not know have values without the prefix of their enum.
            return Array((value.map { $0.jsonName.isEmpty ? $0.name : $0.jsonName } ?? "").utf8)
        }
    }

    /// Times are read from its two fields without another look.
    private func checkTimestamp() throws(ContractError) {
        let fields = contract.messages[MessageType.timestamp]?.fields ?? []
        let isKnown =
            fields.map(\.number) == [1, 2] && fields.map(\.kind) == [.scalar(.int64), .scalar(.int32)]
            && !fields.contains(where: \.isRepeated)
        guard isKnown else {
            throw ContractError(MessageType.timestamp, "must be 'int64 seconds = 1; int32 nanos = 2;'")
        }
    }
}
