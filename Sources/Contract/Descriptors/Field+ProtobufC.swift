internal import CProtobufC

extension Field.Kind {
    /// What protobuf-c calls it.
    var type: ProtobufCType {
        switch self {
        case .scalar(let scalar): scalar.type
        case .enumeration: PROTOBUF_C_TYPE_ENUM
        case .message, .group: PROTOBUF_C_TYPE_MESSAGE
        }
    }
}

extension Field.Scalar {
    fileprivate var type: ProtobufCType {
        switch self {
        case .double: PROTOBUF_C_TYPE_DOUBLE
        case .float: PROTOBUF_C_TYPE_FLOAT
        case .int64: PROTOBUF_C_TYPE_INT64
        case .uint64: PROTOBUF_C_TYPE_UINT64
        case .int32: PROTOBUF_C_TYPE_INT32
        case .fixed64: PROTOBUF_C_TYPE_FIXED64
        case .fixed32: PROTOBUF_C_TYPE_FIXED32
        case .bool: PROTOBUF_C_TYPE_BOOL
        case .string: PROTOBUF_C_TYPE_STRING
        case .bytes: PROTOBUF_C_TYPE_BYTES
        case .uint32: PROTOBUF_C_TYPE_UINT32
        case .sfixed32: PROTOBUF_C_TYPE_SFIXED32
        case .sfixed64: PROTOBUF_C_TYPE_SFIXED64
        case .sint32: PROTOBUF_C_TYPE_SINT32
        case .sint64: PROTOBUF_C_TYPE_SINT64
        }
    }
}
