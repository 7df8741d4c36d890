internal import CContract

/// A message in the arena of the `RequestDecoder` that unpacked it, lent for the time of a call. Fields have the names
/// of the .proto file.
package struct ProtobufMessage: ~Copyable {
    let message: UnsafePointer<ProtobufCMessage>
    let arena: Arena
    let names: ProtobufMessageNames

    package func has(_ name: String) -> Bool {
        field(name).count > 0
    }

    package func string(_ name: String) -> String? {
        let field = field(name)
        precondition(field.type == PROTOBUF_C_TYPE_STRING && !field.isRepeated, "\(name) is no string")
        guard field.count > 0 else { return nil }
        return String(cString: field.value(0).load(as: UnsafePointer<CChar>.self))
    }

    package func uint32(_ name: String) -> UInt32? {
        let field = field(name)
        precondition(field.type == PROTOBUF_C_TYPE_UINT32 && !field.isRepeated, "\(name) is no uint32")
        guard field.count > 0 else { return nil }
        return field.value(0).load(as: UInt32.self)
    }

    /// Writes the submessage, which must be set, as a JSON object.
    package func appendJSON(of name: String, to json: inout [UInt8]) throws(RequestError) {
        let field = field(name)
        precondition(field.count > 0, "\(name) is not set")
        try appendJSON(field, to: &json)
    }

    private func field(_ name: String) -> ProtobufMessageField {
        guard
            let descriptor = protobuf_c_message_descriptor_get_field_by_name(message.pointee.descriptor, name)
        else {
            preconditionFailure("the message has no field \(name)")
        }
        return ProtobufMessageField(descriptor, of: message)
    }
}

extension StaticString {
    /// The bytes, behind which the compiler puts a NUL, without the copy that a String needs.
    var cString: UnsafePointer<CChar> {
        UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
