internal import CContract

extension ProtobufMessage {
    /// Writes the message as a JSON object: its set fields, then the members of `additional_properties` that none of
    /// them has the name of.
    package func appendJSON(to json: inout [UInt8]) throws(RequestError) {
        let descriptor = message.pointee.descriptor.pointee
        let extras = try additionalProperties(of: descriptor)
        json.append(UInt8(ascii: "{"))
        for index in 0..<Int(descriptor.n_fields) {
            let field = ProtobufMessageField(descriptor.fields + index, of: message)
            if field.descriptor.pointee.isAdditionalProperties { continue }
            let name = names.member(field.descriptor)
            if field.count > 0 {
                extras?.remove(name)
                json.appendJSONMemberName(name)
                try appendJSON(field, to: &json)
            } else if field.descriptor.pointee.isNullableRequired(in: descriptor), extras?.contains(name) != true {
                json.appendJSONMemberName(name)
                json.append(contentsOf: "null".utf8)
            }
        }
        extras?.append(to: &json)
        json.append(UInt8(ascii: "}"))
    }

    func appendJSON(_ field: ProtobufMessageField, to json: inout [UInt8]) throws(RequestError) {
        guard field.isRepeated else {
            do {
                return try appendJSON(field.value(0), of: field, to: &json)
            } catch {
                throw error.within(field.name)
            }
        }
        json.append(UInt8(ascii: "["))
        for index in 0..<field.count {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            do {
                try appendJSON(field.value(index), of: field, to: &json)
            } catch {
                throw error.within("\(field.name)[\(index)]")
            }
        }
        json.append(UInt8(ascii: "]"))
    }

    private func appendJSON(
        _ value: UnsafeRawPointer,
        of field: ProtobufMessageField,
        to json: inout [UInt8]
    ) throws(RequestError) {
        switch field.type {
        case PROTOBUF_C_TYPE_BOOL:
            json.append(contentsOf: (value.load(as: protobuf_c_boolean.self) == 0 ? "false" : "true").utf8)
        case PROTOBUF_C_TYPE_INT32, PROTOBUF_C_TYPE_SINT32, PROTOBUF_C_TYPE_SFIXED32:
            json.append(contentsOf: String(value.load(as: Int32.self)).utf8)
        case PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_FIXED32:
            json.append(contentsOf: String(value.load(as: UInt32.self)).utf8)
        case PROTOBUF_C_TYPE_INT64, PROTOBUF_C_TYPE_SINT64, PROTOBUF_C_TYPE_SFIXED64:
            json.append(contentsOf: String(value.load(as: Int64.self)).utf8)
        case PROTOBUF_C_TYPE_UINT64, PROTOBUF_C_TYPE_FIXED64:
            json.append(contentsOf: String(value.load(as: UInt64.self)).utf8)
        case PROTOBUF_C_TYPE_DOUBLE:
            try json.appendJSONNumber(value.load(as: Double.self))
        case PROTOBUF_C_TYPE_STRING:
            json.appendJSONString(value.load(as: UnsafePointer<UInt8>.self))
        case PROTOBUF_C_TYPE_ENUM:
            try appendEnumValue(value.load(as: Int32.self), of: field, to: &json)
        case PROTOBUF_C_TYPE_MESSAGE:
            try appendMessage(value.load(as: UnsafePointer<ProtobufCMessage>.self), to: &json)
        default:
            preconditionFailure("the contract has no \(field.name) that JSON could carry")
        }
    }

    private func appendEnumValue(
        _ number: Int32,
        of field: ProtobufMessageField,
        to json: inout [UInt8]
    ) throws(RequestError) {
        let type = field.descriptor.pointee.descriptor.assumingMemoryBound(to: ProtobufCEnumDescriptor.self)
        guard let name = names.enumValue(number, of: type) else {
            throw .invalid("is \(number), which is no \(String(cString: type.pointee.short_name))")
        }
        json.append(UInt8(ascii: "\""))
        json.append(contentsOf: name)
        json.append(UInt8(ascii: "\""))
    }

    private func appendMessage(
        _ value: UnsafePointer<ProtobufCMessage>,
        to json: inout [UInt8]
    ) throws(RequestError) {
        guard value.pointee.descriptor == ProtobufMessageType.timestamp.descriptor else {
            return try ProtobufMessage(message: value, arena: arena, names: names).appendJSON(to: &json)
        }
        let timestamp = UnsafeRawPointer(value).load(as: Google__Protobuf__Timestamp.self)
        json.append(UInt8(ascii: "\""))
        try Timestamp(seconds: timestamp.seconds, nanos: timestamp.nanos).appendRFC3339(to: &json)
        json.append(UInt8(ascii: "\""))
    }

    private func additionalProperties(of descriptor: ProtobufCMessageDescriptor) throws(RequestError) -> JSONMembers? {
        guard descriptor.n_fields > 0 else { return nil }
        // Fields are sorted by number, and no number is higher.
        let field = ProtobufMessageField(descriptor.fields + Int(descriptor.n_fields) - 1, of: message)
        guard field.descriptor.pointee.isAdditionalProperties, field.count > 0 else { return nil }
        do {
            return try JSONMembers(of: field.value(0).load(as: UnsafePointer<UInt8>.self), in: arena)
        } catch {
            throw error.within(field.name)
        }
    }
}
