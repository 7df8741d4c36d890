internal import Bytes
package import CProtobufC

/// What protobuf-c has to know about the messages of a contract, made from it: the same as protoc-c would generate, so that no
/// generated code is needed. Every field that may be absent has a flag, also where its file is of proto3.
///
/// Owns the descriptors; they live as long as it does. Belongs to one thread.
package final class MessageDescriptors {
    private let contract: Contract
    private let memory = OwnedMemory()
    private var messages: [String: UnsafeMutablePointer<ProtobufCMessageDescriptor>] = [:]
    private var enums: [String: UnsafePointer<ProtobufCEnumDescriptor>] = [:]

    package init(_ contract: Contract) {
        self.contract = contract
    }

    /// The descriptor of a message by its full name; made when it is first asked for, with those of the messages in it.
    package func descriptor(of name: String) throws(ContractError) -> UnsafePointer<ProtobufCMessageDescriptor> {
        if let made = messages[name] { return UnsafePointer(made) }
        guard let message = contract.messages[name] else { throw ContractError(name, "there is no such message") }
        // Before its fields, because one of them may hold the message itself.
        let descriptor = memory.value(ProtobufCMessageDescriptor())
        messages[name] = descriptor
        do throws(ContractError) {
            descriptor.pointee = try make(message)
        } catch {
            messages[name] = nil
            throw error
        }
        return UnsafePointer(descriptor)
    }

    private func make(_ message: MessageType) throws(ContractError) -> ProtobufCMessageDescriptor {
        let layout = MessageLayout(message.fields)
        var fields: [ProtobufCFieldDescriptor] = []
        for (field, place) in zip(message.fields, layout.places) {
            fields.append(try make(field, at: place, of: message))
        }
        let ranges = NumberRanges.ranges(of: message.fields.map { Int32($0.number) })
        let byName = message.fields.indices.sorted { message.fields[$0].name.precedes(message.fields[$1].name) }
        var made = ProtobufCMessageDescriptor()
        made.magic = UInt32(PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC)
        made.name = memory.string(message.name)
        made.short_name = memory.string(message.name.lastComponent)
        made.c_name = made.name
        made.package_name = memory.string(message.package)
        made.sizeof_message = layout.size
        made.n_fields = UInt32(fields.count)
        made.fields = array(fields)
        made.fields_sorted_by_name = array(byName.map { UInt32($0) })
        made.n_field_ranges = UInt32(max(ranges.count - 1, 0))
        made.field_ranges = array(ranges)
        // Without an initialiser of its own, protobuf-c sets all of a message to 0.
        return made
    }

    private func make(
        _ field: Field,
        at place: MessageLayout.Place,
        of message: MessageType
    ) throws(ContractError) -> ProtobufCFieldDescriptor {
        guard !field.isInOneof, field.label != .required, field.kind != .group else {
            throw ContractError("\(message.name).\(field.name)", "no oneof, required field or group can be unpacked")
        }
        var made = ProtobufCFieldDescriptor()
        made.name = memory.string(field.name)
        made.id = field.number
        made.label = field.isRepeated ? PROTOBUF_C_LABEL_REPEATED : PROTOBUF_C_LABEL_OPTIONAL
        made.type = field.kind.type
        made.quantifier_offset = UInt32(place.quantifierOffset)
        made.offset = UInt32(place.offset)
        made.flags = field.isPacked ? PROTOBUF_C_FIELD_FLAG_PACKED.rawValue : 0
        switch field.kind {
        case .message(let name): made.descriptor = UnsafeRawPointer(try descriptor(of: name))
        case .enumeration(let name): made.descriptor = UnsafeRawPointer(try descriptor(ofEnum: name))
        case .scalar, .group: break
        }
        return made
    }

    private func descriptor(ofEnum name: String) throws(ContractError) -> UnsafePointer<ProtobufCEnumDescriptor> {
        if let made = enums[name] { return made }
        guard let type = contract.enums[name] else { throw ContractError(name, "there is no such enum") }
        let made = UnsafePointer(memory.value(make(type)))
        enums[name] = made
        return made
    }

    private func make(_ type: EnumType) -> ProtobufCEnumDescriptor {
        var numbers: Set<Int32> = []
        // Of several names for one number, the first one is its name.
        let values = type.values.filter { numbers.insert($0.number).inserted }.sorted { $0.number < $1.number }
        let ranges = NumberRanges.ranges(of: values.map(\.number))
        let names = type.values.sorted { $0.name.precedes($1.name) }.map { value in
            ProtobufCEnumValueIndex(
                name: memory.string(value.name),
                index: UInt32(values.firstIndex { $0.number == value.number } ?? 0)
            )
        }
        var made = ProtobufCEnumDescriptor()
        made.magic = UInt32(PROTOBUF_C__ENUM_DESCRIPTOR_MAGIC)
        made.name = memory.string(type.name)
        made.short_name = memory.string(type.name.lastComponent)
        made.c_name = made.name
        made.package_name = memory.string(type.package)
        made.n_values = UInt32(values.count)
        made.values = array(
            values.map {
                let name = memory.string($0.name)
                return ProtobufCEnumValue(name: name, c_name: name, value: $0.number)
            }
        )
        made.n_value_names = UInt32(names.count)
        made.values_by_name = array(names)
        made.n_value_ranges = UInt32(max(ranges.count - 1, 0))
        made.value_ranges = array(ranges)
        return made
    }

    /// As protoc-c has it: nil if there are none.
    private func array<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafePointer<Value>? {
        values.isEmpty ? nil : UnsafePointer(memory.array(values))
    }
}

extension String {
    /// As strcmp orders.
    fileprivate func precedes(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
