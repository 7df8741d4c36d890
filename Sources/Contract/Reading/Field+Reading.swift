extension Field {
    /// Reads a google.protobuf.FieldDescriptorProto.
    init(_ bytes: UnsafeRawBufferPointer, isProto3: Bool) throws(ContractError) {
        var (type, typeName): (UInt64, String) = (0, "")
        var (isProto3Optional, packed): (Bool, Bool?) = (false, nil)
        try WireValue.each(of: bytes) { (number, value) throws(ContractError) in
            switch number {
            case 1: name = value.text
            case 3: self.number = try Self.fieldNumber(value.number)
            case 4: label = try Self.label(value.number)
            case 5: type = value.number
            case 6: typeName = value.text
            case 8: packed = try readOptions(value.bytes) ?? packed
            case 9: isInOneof = true
            case 10: jsonName = value.text
            case 17: isProto3Optional = value.isTrue
            default: break
            }
        }
        if isProto3Optional { isInOneof = false }
        if jsonName.isEmpty { jsonName = Self.jsonName(of: name) }
        kind = try Self.kind(type, typeName)
        isPacked = isRepeated && kind.mayBePacked && packed ?? isProto3
    }

    /// Returns whether the field is packed, if the options say so.
    private mutating func readOptions(_ options: UnsafeRawBufferPointer) throws(ContractError) -> Bool? {
        var packed: Bool?
        try WireValue.each(of: options) { (number, value) throws(ContractError) in
            switch number {
            case 2: packed = value.isTrue
            case 50001: isNullableRequired = value.isTrue
            default: break
            }
        }
        return packed
    }

    static func fieldNumber(_ number: UInt64) throws(ContractError) -> UInt32 {
        guard 1..<1 << 29 ~= number else { throw .notProtobuf }
        return UInt32(number)
    }

    private static func label(_ number: UInt64) throws(ContractError) -> Label {
        guard let label = UInt8(exactly: number).flatMap(Label.init) else { throw .notProtobuf }
        return label
    }

    private static func kind(_ type: UInt64, _ typeName: String) throws(ContractError) -> Kind {
        switch type {
        case 10: return .group
        case 11: return .message(try fullName(typeName))
        case 14: return .enumeration(try fullName(typeName))
        default:
            guard let scalar = UInt8(exactly: type).flatMap(Scalar.init) else { throw .notProtobuf }
            return .scalar(scalar)
        }
    }

    /// What protoc writes into the set when a name is of its own making: `max_tokens` is `maxTokens`.
    private static func jsonName(of name: String) -> String {
        let words = name.split(separator: "_", omittingEmptySubsequences: false)
        return words.dropFirst().reduce(String(words.first ?? "")) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }

    /// A type's name as a reference has it, without the dot in front.
    static func fullName(_ reference: String) throws(ContractError) -> String {
        guard reference.first == "." else {
            throw ContractError("the descriptor set", "'\(reference)' is no full name; make it again with protoc")
        }
        return String(reference.dropFirst())
    }
}

extension Field.Kind {
    fileprivate var mayBePacked: Bool {
        switch self {
        case .scalar(.string), .scalar(.bytes), .message, .group: false
        case .scalar, .enumeration: true
        }
    }
}
