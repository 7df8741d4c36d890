import CContractMessages
import CProtobufC

/// The descriptors that protoc-c generated, by the names of their messages.
enum GeneratedDescriptors {
    typealias Pointer = UnsafePointer<ProtobufCMessageDescriptor>

    /// Those of all messages that the services carry. Swift copies a C constant before it lends its address, but pointers in
    /// it lead to the originals.
    static func all() -> [String: Pointer] {
        var found: [String: Pointer] = [:]
        for service in [pieces__models__v1__models_service__descriptor, pieces__gateway__v1__control__descriptor] {
            for index in 0..<Int(service.n_methods) {
                collect(service.methods[index].input, &found)
                collect(service.methods[index].output, &found)
            }
        }
        return found
    }

    private static func collect(_ descriptor: Pointer, _ found: inout [String: Pointer]) {
        guard found.updateValue(descriptor, forKey: String(cString: descriptor.pointee.name)) == nil else { return }
        for index in 0..<Int(descriptor.pointee.n_fields) {
            let field = descriptor.pointee.fields[index]
            guard field.type == PROTOBUF_C_TYPE_MESSAGE else { continue }
            collect(field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self), &found)
        }
    }
}

/// What protobuf-c makes of the bytes: nil if it refuses them, else the message packed again.
func repacked(_ bytes: [UInt8], as descriptor: UnsafePointer<ProtobufCMessageDescriptor>) -> [UInt8]? {
    guard let message = protobuf_c_message_unpack(descriptor, nil, bytes.count, bytes) else { return nil }
    defer { protobuf_c_message_free_unpacked(message, nil) }
    guard protobuf_c_message_check(message) != 0 else { return nil }
    return [UInt8](unsafeUninitializedCapacity: protobuf_c_message_get_packed_size(message)) { buffer, count in
        count = protobuf_c_message_pack(message, buffer.baseAddress)
    }
}
