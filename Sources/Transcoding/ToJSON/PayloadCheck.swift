internal import Bytes
internal import CProtobufC
internal import Glibc

/// Looks through the wire bytes of a message for what protobuf-c would accept in silence: strings that are not UTF-8,
/// strings with a U+0000 (protobuf-c's end there, and the wrong model might be deleted), a bool of another wire type.
/// What it refuses of its own accord is refused here first, because this error names the field.
enum PayloadCheck {
    static func check(
        _ payload: UnsafeRawBufferPointer,
        as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) throws(RequestError) {
        try check(payload, of: payload, as: descriptor)
    }

    /// Recursion is bounded by the contract, in which no message holds itself.
    private static func check(
        _ message: UnsafeRawBufferPointer,
        of payload: UnsafeRawBufferPointer,
        as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) throws(RequestError) {
        var reader = PayloadReader(message, of: payload)
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            guard let field = protobuf_c_message_descriptor_get_field(descriptor, tag.number) else {
                _ = try reader.readValue(tag)
                continue
            }
            do throws(RequestError) {
                guard field.pointee.accepts(tag.wireType) else {
                    throw .invalid("has the wrong wire type, \(tag.wireType.rawValue)")
                }
                try check(reader.readValue(tag), of: payload, as: field.pointee)
            } catch {
                throw error.within(String(cString: field.pointee.name))
            }
        }
    }

    private static func check(
        _ value: UnsafeRawBufferPointer,
        of payload: UnsafeRawBufferPointer,
        as field: ProtobufCFieldDescriptor
    ) throws(RequestError) {
        switch field.type {
        case PROTOBUF_C_TYPE_MESSAGE:
            let descriptor = field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
            try check(value, of: payload, as: descriptor)
        case PROTOBUF_C_TYPE_STRING:
            if let start = value.baseAddress, memchr(start, 0, value.count) != nil { throw .invalid("holds a U+0000") }
            if !value.isUTF8 { throw .invalid("is not UTF-8") }
        default:
            break
        }
    }
}

extension ProtobufCFieldDescriptor {
    fileprivate func accepts(_ wireType: WireType) -> Bool {
        switch type {
        case PROTOBUF_C_TYPE_STRING, PROTOBUF_C_TYPE_BYTES, PROTOBUF_C_TYPE_MESSAGE:
            return wireType == .lengthDelimited
        case PROTOBUF_C_TYPE_FIXED64, PROTOBUF_C_TYPE_SFIXED64, PROTOBUF_C_TYPE_DOUBLE:
            return wireType == .fixed64 || wireType == .lengthDelimited && label == PROTOBUF_C_LABEL_REPEATED
        case PROTOBUF_C_TYPE_FIXED32, PROTOBUF_C_TYPE_SFIXED32, PROTOBUF_C_TYPE_FLOAT:
            return wireType == .fixed32 || wireType == .lengthDelimited && label == PROTOBUF_C_LABEL_REPEATED
        default:
            return wireType == .varint || wireType == .lengthDelimited && label == PROTOBUF_C_LABEL_REPEATED
        }
    }
}
