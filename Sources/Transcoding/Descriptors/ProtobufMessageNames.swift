internal import CContract

/// The JSON names of fields and enum values, made when they are first asked for: descriptors live as long as the
/// process, and making a name is too slow for every call.
final class ProtobufMessageNames {
    private var members: [UnsafePointer<ProtobufCFieldDescriptor>: [UInt8]] = [:]
    private var enumValues: [UnsafePointer<ProtobufCEnumValue>: [UInt8]] = [:]

    func member(_ field: UnsafePointer<ProtobufCFieldDescriptor>) -> [UInt8] {
        if let name = members[field] { return name }
        let name = Array(field.pointee.jsonName.utf8)
        members[field] = name
        return name
    }

    /// Nil when the enum has no such number.
    func enumValue(_ number: Int32, of type: UnsafePointer<ProtobufCEnumDescriptor>) -> [UInt8]? {
        guard let value = protobuf_c_enum_descriptor_get_value(type, number) else { return nil }
        if let name = enumValues[value] { return name }
        let name = Array(type.pointee.jsonName(of: value.pointee).utf8)
        enumValues[value] = name
        return name
    }
}
