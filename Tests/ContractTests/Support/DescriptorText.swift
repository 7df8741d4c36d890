import CProtobufC

/// All that a descriptor says, as text that can be compared.
enum DescriptorText {
    static func of(_ message: ProtobufCMessageDescriptor) -> [String] {
        let count = Int(message.n_fields)
        return [
            "\(message.magic) \(text(message.name)) \(text(message.short_name)) \(text(message.package_name))",
            "size \(message.sizeof_message), \(count) fields, \(message.n_field_ranges) ranges",
            "by name \((0..<count).map { message.fields_sorted_by_name[$0] })",
            ranges(message.field_ranges, message.n_field_ranges),
        ] + (0..<count).flatMap { of(message.fields[$0]) }
    }

    private static func of(_ field: ProtobufCFieldDescriptor) -> [String] {
        let line =
            "\(text(field.name)) = \(field.id): \(field.label.rawValue) \(field.type.rawValue)"
            + " at \(field.quantifier_offset), \(field.offset), flags \(field.flags)"
        guard let descriptor = field.descriptor else { return [line] }
        if field.type == PROTOBUF_C_TYPE_ENUM {
            return [line] + of(descriptor.load(as: ProtobufCEnumDescriptor.self))
        }
        return [line, "is a \(text(descriptor.load(as: ProtobufCMessageDescriptor.self).name))"]
    }

    private static func of(_ type: ProtobufCEnumDescriptor) -> [String] {
        let names = (0..<Int(type.n_value_names)).map { type.values_by_name[$0] }
        let values = (0..<Int(type.n_values)).map { type.values[$0] }
        return [
            "\(type.magic) \(text(type.name)) \(text(type.short_name)) \(text(type.package_name))",
            "\(values.map { "\(text($0.name)) = \($0.value)" })",
            "\(names.map { "\(text($0.name)): \($0.index)" })",
            ranges(type.value_ranges, type.n_value_ranges),
        ]
    }

    /// With the entry behind the last.
    private static func ranges(_ ranges: UnsafePointer<ProtobufCIntRange>?, _ count: UInt32) -> String {
        guard let ranges else { return "no ranges" }
        return "\((0...Int(count)).map { "\(ranges[$0].start_value): \(ranges[$0].orig_index)" })"
    }

    private static func text(_ string: UnsafePointer<CChar>?) -> String {
        string.map { String(cString: $0) } ?? "nil"
    }
}
