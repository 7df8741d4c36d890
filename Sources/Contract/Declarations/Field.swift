/// One field of a message.
package struct Field: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case scalar(Scalar)
        /// With the full name of the enum.
        case enumeration(String)
        /// With the full name of the message.
        case message(String)
        case group
    }

    /// The raw values are those of FieldDescriptorProto.Type.
    package enum Scalar: UInt8, Sendable {
        case double = 1
        case float = 2
        case int64 = 3
        case uint64 = 4
        case int32 = 5
        case fixed64 = 6
        case fixed32 = 7
        case bool = 8
        case string = 9
        case bytes = 12
        case uint32 = 13
        case sfixed32 = 15
        case sfixed64 = 16
        case sint32 = 17
        case sint64 = 18
    }

    /// The raw values are those of FieldDescriptorProto.Label.
    package enum Label: UInt8, Sendable {
        case optional = 1
        case required = 2
        case repeated = 3
    }

    package var name = ""
    package var number: UInt32 = 0
    /// The JSON member that it stands for.
    package var jsonName = ""
    package var label = Label.optional
    package var kind = Kind.group
    /// Elements travel in one value, without a tag each.
    package var isPacked = false
    /// At most one of several fields may be set.
    package var isInOneof = false
    /// Pieces OS requires the member and allows null: where the field is unset, null is written.
    package var isNullableRequired = false

    package var isRepeated: Bool { label == .repeated }

    /// It carries, as the JSON text of an object, what the other fields of its message cannot.
    package var isAdditionalProperties: Bool { number == Field.additionalPropertiesNumber }
    package static let additionalPropertiesNumber: UInt32 = 1000
}
