internal import CProtobufC
internal import Glibc

/// Looks through the wire bytes of a message for what protobuf-c would accept in silence: strings that are not UTF-8,
/// strings with a U+0000 (protobuf-c's end there, and the wrong model might be deleted), a bool of another wire type.
/// What it refuses of its own accord is refused here first, because this error names the field.
enum WireCheck {
    /// Recursion is bounded by the contract, in which no message holds itself.
    static func check(
        _ bytes: UnsafeRawBufferPointer,
        as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) throws(RequestError) {
        var reader = WireReader(bytes)
        while !reader.isAtEnd {
            let tag = try reader.readTag()
            guard let field = protobuf_c_message_descriptor_get_field(descriptor, tag.number) else {
                _ = try reader.readValue(tag.type)
                continue
            }
            do throws(RequestError) {
                guard field.pointee.accepts(tag.type) else {
                    throw .invalid("has the wrong wire type, \(tag.type.rawValue)")
                }
                try check(reader.readValue(tag.type), of: field.pointee)
            } catch {
                throw error.within(String(cString: field.pointee.name))
            }
        }
    }

    private static func check(
        _ value: UnsafeRawBufferPointer,
        of field: ProtobufCFieldDescriptor
    ) throws(RequestError) {
        switch field.type {
        case PROTOBUF_C_TYPE_MESSAGE:
            try check(value, as: field.descriptor.assumingMemoryBound(to: ProtobufCMessageDescriptor.self))
        case PROTOBUF_C_TYPE_STRING:
            if value.contains(0) { throw .invalid("holds a U+0000") }
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

extension UnsafeRawBufferPointer {
    /// Well-formed by Unicode's table 3-7: shortest form, no surrogates, nothing above U+10FFFF.
    var isUTF8: Bool {
        var index = 0
        while index < count {
            let lead = self[index]
            index += 1
            if lead < 0x80 { continue }
            let second: ClosedRange<UInt8>
            let length: Int
            switch lead {
            case 0xC2...0xDF: (length, second) = (1, 0x80...0xBF)
            case 0xE0: (length, second) = (2, 0xA0...0xBF)
            case 0xED: (length, second) = (2, 0x80...0x9F)
            case 0xE1...0xEF: (length, second) = (2, 0x80...0xBF)
            case 0xF0: (length, second) = (3, 0x90...0xBF)
            case 0xF1...0xF3: (length, second) = (3, 0x80...0xBF)
            case 0xF4: (length, second) = (3, 0x80...0x8F)
            default: return false
            }
            guard count - index >= length, second ~= self[index] else { return false }
            for offset in 1..<length where self[index + offset] & 0xC0 != 0x80 { return false }
            index += length
        }
        return true
    }
}
