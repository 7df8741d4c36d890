package import Bytes
internal import CProtobufC
package import Contract

/// A message in the arena of the `RequestDecoder` that unpacked it, lent for the time of a call.
///
/// Fields are those of the contract, or go by their names in the .proto file where the caller knows the message.
package struct ProtobufMessage: ~Copyable {
    let message: UnsafePointer<ProtobufCMessage>
    let type: ProtobufMessageType
    let arena: Arena
    let style: JSONStyle

    package func has(_ name: StaticString) -> Bool { has(index(name)) }
    package func has(_ field: Field) -> Bool { has(index(field)) }

    package func string(_ name: StaticString) -> String? { string(index(name)) }
    package func string(_ field: Field) -> String? { string(index(field)) }

    package func uint32(_ name: StaticString) -> UInt32? {
        let field = field(index(name))
        precondition(field.type == PROTOBUF_C_TYPE_UINT32 && !field.isRepeated, "\(name) is no uint32")
        guard field.count > 0 else { return nil }
        return field.value(0).load(as: UInt32.self)
    }

    /// Writes the submessage, which must be set, as a JSON object.
    package func appendJSON(of name: StaticString, to json: inout ByteBuffer) throws(RequestError) {
        try appendJSON(index(name), to: &json)
    }

    /// Writes the submessage, which must be set, as a JSON object.
    package func appendJSON(of field: Field, to json: inout ByteBuffer) throws(RequestError) {
        try appendJSON(index(field), to: &json)
    }

    func field(_ index: Int) -> ProtobufMessageField {
        ProtobufMessageField(type.descriptor.pointee.fields + index, of: message)
    }

    private func index(_ name: StaticString) -> Int {
        guard let index = type.index(ofField: name) else { preconditionFailure("the message has no field \(name)") }
        return index
    }

    private func index(_ field: Field) -> Int {
        guard let index = type.index(ofField: field.number) else {
            preconditionFailure("the message has no field \(field.name)")
        }
        return index
    }

    private func has(_ index: Int) -> Bool {
        field(index).count > 0
    }

    private func string(_ index: Int) -> String? {
        let field = field(index)
        precondition(field.type == PROTOBUF_C_TYPE_STRING && !field.isRepeated, "\(field.name) is no string")
        guard field.count > 0 else { return nil }
        return String(cString: field.value(0).load(as: UnsafePointer<CChar>.self))
    }

    private func appendJSON(_ index: Int, to json: inout ByteBuffer) throws(RequestError) {
        precondition(has(index), "\(field(index).name) is not set")
        try appendJSON(field(index), of: type.members[index].kind, to: &json)
    }
}
