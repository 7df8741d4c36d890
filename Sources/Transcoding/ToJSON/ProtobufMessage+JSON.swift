package import Bytes
internal import CProtobufC

extension ProtobufMessage {
    /// Writes the message as a JSON object: its set fields, then the members of `additional_properties` that none of
    /// them has the name of.
    package func appendJSON(to json: inout ByteBuffer) throws(RequestError) {
        let extras = try additionalProperties()
        json.append(UInt8(ascii: "{"))
        for index in type.members.indices where !type.members[index].isAdditionalProperties {
            let member = type.members[index]
            let field = field(index)
            if field.count > 0 {
                extras?.remove(member.name)
                json.appendJSONMemberName(member.spelling)
                try appendJSON(field, of: member.kind, to: &json)
            } else if style == .request ? member.isNullableRequired : field.isRepeated,
                extras?.contains(member.name) != true
            {
                json.appendJSONMemberName(member.spelling)
                json.append(field.isRepeated ? "[]" : "null")
            }
        }
        extras?.append(to: &json)
        json.append(UInt8(ascii: "}"))
    }

    func appendJSON(
        _ field: ProtobufMessageField,
        of kind: ProtobufMessageType.Kind,
        to json: inout ByteBuffer
    ) throws(RequestError) {
        guard field.isRepeated else {
            do {
                return try appendJSON(field.value(0), field, of: kind, to: &json)
            } catch {
                throw error.within(field.name)
            }
        }
        json.append(UInt8(ascii: "["))
        for index in 0..<field.count {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            do {
                try appendJSON(field.value(index), field, of: kind, to: &json)
            } catch {
                throw error.within("\(field.name)[\(index)]")
            }
        }
        json.append(UInt8(ascii: "]"))
    }

    private func appendJSON(
        _ value: UnsafeRawPointer,
        _ field: ProtobufMessageField,
        of kind: ProtobufMessageType.Kind,
        to json: inout ByteBuffer
    ) throws(RequestError) {
        switch kind {
        case .bool:
            json.append(value.load(as: protobuf_c_boolean.self) == 0 ? "false" : "true")
        case .int32:
            json.append(text: String(value.load(as: Int32.self)))
        case .uint32:
            json.append(text: String(value.load(as: UInt32.self)))
        case .int64:
            json.append(text: String(value.load(as: Int64.self)))
        case .uint64:
            json.append(text: String(value.load(as: UInt64.self)))
        case .double:
            try json.appendJSONNumber(value.load(as: Double.self))
        case .string:
            json.appendJSONString(value.load(as: UnsafePointer<UInt8>.self))
        case .timestamp:
            json.append(UInt8(ascii: "\""))
            try Timestamp(value.load(as: UnsafePointer<ProtobufCMessage>.self)).appendRFC3339(to: &json)
            json.append(UInt8(ascii: "\""))
        case .enumeration(let names):
            try appendEnumValue(value.load(as: Int32.self), names, field, to: &json)
        case .message(let type):
            let message = value.load(as: UnsafePointer<ProtobufCMessage>.self)
            try ProtobufMessage(message: message, type: type, arena: arena, style: style)
                .appendJSON(to: &json)
        case .other:
            preconditionFailure("the contract has no \(field.name) that JSON could carry")
        }
    }

    private func appendEnumValue(
        _ number: Int32,
        _ names: [[UInt8]],
        _ field: ProtobufMessageField,
        to json: inout ByteBuffer
    ) throws(RequestError) {
        let type = field.descriptor.pointee.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
        guard let value = protobuf_c_enum_descriptor_get_value(type, number) else {
            throw .invalid("is \(number), which is no \(String(cString: type.pointee.short_name))")
        }
        json.append(UInt8(ascii: "\""))
        json.append(names[value - type.pointee.values])
        json.append(UInt8(ascii: "\""))
    }

    private func additionalProperties() throws(RequestError) -> JSONMembers? {
        // Fields are sorted by number, and no number is higher.
        guard let last = type.members.indices.last, type.members[last].isAdditionalProperties else { return nil }
        let field = field(last)
        guard field.count > 0 else { return nil }
        do {
            return try JSONMembers(of: field.value(0).load(as: UnsafePointer<UInt8>.self), in: arena)
        } catch {
            throw error.within(field.name)
        }
    }
}

extension Timestamp {
    /// Reads a google.protobuf.Timestamp, whose fields `PayloadTypes` has checked.
    fileprivate init(_ message: UnsafePointer<ProtobufCMessage>) {
        guard let fields = message.pointee.descriptor.pointee.fields else { preconditionFailure("a time has fields") }
        let (seconds, nanos) = (
            ProtobufMessageField(fields, of: message), ProtobufMessageField(fields + 1, of: message)
        )
        self.init(
            seconds: seconds.count > 0 ? seconds.value(0).load(as: Int64.self) : 0,
            nanos: nanos.count > 0 ? nanos.value(0).load(as: Int32.self) : 0
        )
    }
}
