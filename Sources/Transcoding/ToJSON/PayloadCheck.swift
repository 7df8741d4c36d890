internal import Bytes
internal import CProtobufC
internal import Glibc

/// Looks through the wire bytes of a message for what protobuf-c would accept in silence: strings that are not UTF-8,
/// strings with a U+0000 (protobuf-c's end there, and the wrong model might be deleted), a bool of another wire type.
/// What it refuses of its own accord is refused here first, because this error names the field.
struct PayloadCheck {
    /// Fields that a payload may have, those of its messages included. protobuf-c goes through them three times, and takes about
    /// 70 ns and as many bytes for each, twice that for one that is not known.
    static let mostFields = 1 << 18

    private let payload: UnsafeRawBufferPointer
    private var fieldsLeft = mostFields

    static func check(
        _ payload: UnsafeRawBufferPointer,
        as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) throws(RequestError) {
        var check = PayloadCheck(payload: payload)
        try check.check(payload, as: descriptor)
    }

    private init(payload: UnsafeRawBufferPointer) {
        self.payload = payload
    }

    /// Recursion is bounded by the contract, in which no message holds itself.
    private mutating func check(
        _ message: UnsafeRawBufferPointer,
        as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) throws(RequestError) {
        var reader = PayloadReader(message, of: payload)
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            guard let field = protobuf_c_message_descriptor_get_field(descriptor, tag.number) else {
                _ = try reader.readValue(tag)
                try count(2)
                continue
            }
            try count(1)
            do throws(RequestError) {
                guard field.pointee.accepts(tag.wireType) else {
                    throw .invalid("has the wrong wire type, \(tag.wireType.rawValue)")
                }
                try check(reader.readValue(tag), as: field.pointee)
            } catch {
                throw error.within(String(cString: field.pointee.name))
            }
        }
    }

    private mutating func count(_ fields: Int) throws(RequestError) {
        fieldsLeft -= fields
        guard fieldsLeft >= 0 else { throw .tooManyFields(limit: Self.mostFields) }
    }

    private mutating func check(
        _ value: UnsafeRawBufferPointer,
        as field: ProtobufCFieldDescriptor
    ) throws(RequestError) {
        switch field.type {
        case PROTOBUF_C_TYPE_MESSAGE:
            let descriptor = field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
            try check(value, as: descriptor)
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
