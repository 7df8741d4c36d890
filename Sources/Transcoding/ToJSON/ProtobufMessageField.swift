internal import CProtobufC

/// One field of an unpacked message: its description and the C struct that it lies in.
struct ProtobufMessageField {
    let descriptor: UnsafePointer<ProtobufCFieldDescriptor>
    private let message: UnsafeRawPointer

    init(_ descriptor: UnsafePointer<ProtobufCFieldDescriptor>, of message: UnsafePointer<ProtobufCMessage>) {
        self.descriptor = descriptor
        self.message = UnsafeRawPointer(message)
    }

    var name: String { String(cString: descriptor.pointee.name) }
    var type: ProtobufCType { descriptor.pointee.type }
    var isRepeated: Bool { descriptor.pointee.label == PROTOBUF_C_LABEL_REPEATED }

    /// How many values there are; 0 or 1 unless repeated.
    var count: Int {
        if isRepeated { return message.load(fromByteOffset: quantifierOffset, as: Int.self) }
        switch type {
        case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_MESSAGE:
            return message.load(fromByteOffset: offset, as: UnsafeRawPointer?.self) == nil ? 0 : 1
        default:
            return message.load(fromByteOffset: quantifierOffset, as: protobuf_c_boolean.self) == 0 ? 0 : 1
        }
    }

    /// Where the value with this index, which must be below `count`, is stored.
    func value(_ index: Int) -> UnsafeRawPointer {
        guard isRepeated else { return message + offset }
        return message.load(fromByteOffset: offset, as: UnsafeRawPointer.self) + index * valueSize
    }

    private var offset: Int { Int(descriptor.pointee.offset) }
    private var quantifierOffset: Int { Int(descriptor.pointee.quantifier_offset) }

    private var valueSize: Int {
        switch type {
        case PROTOBUF_C_TYPE_BOOL, PROTOBUF_C_TYPE_ENUM, PROTOBUF_C_TYPE_FLOAT,
            PROTOBUF_C_TYPE_INT32, PROTOBUF_C_TYPE_SINT32, PROTOBUF_C_TYPE_SFIXED32,
            PROTOBUF_C_TYPE_UINT32, PROTOBUF_C_TYPE_FIXED32:
            4
        case PROTOBUF_C_TYPE_BYTES:
            MemoryLayout<ProtobufCBinaryData>.size
        default:
            8
        }
    }
}
