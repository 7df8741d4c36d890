internal import CProtobufC

/// Where the fields of a message stand in its C struct, one behind the other in the order of their numbers, as a C compiler
/// would place them:
///
///     ProtobufCMessage                 always first
///     has_field: int, field            optional number, bool or enum
///     has_field: int, field            optional bytes: length, pointer
///     field: pointer                   optional string or message; nil is absent
///     n_field: size_t, field: pointer  repeated
struct MessageLayout {
    struct Place {
        /// Of `has_field` or `n_field`; 0 if there is none.
        var quantifierOffset = 0
        var offset = 0
    }

    private(set) var places: [Place] = []
    private var end = MemoryLayout<ProtobufCMessage>.size

    init(_ fields: [Field]) {
        for field in fields {
            var place = Place()
            if field.isRepeated {
                place.quantifierOffset = append(Int.self)
                place.offset = append(UnsafeRawPointer?.self)
            } else {
                if field.hasFlag { place.quantifierOffset = append(protobuf_c_boolean.self) }
                place.offset = appendValue(of: field.kind)
            }
            places.append(place)
        }
    }

    /// Of the whole struct.
    var size: Int { aligned(end, to: MemoryLayout<ProtobufCMessage>.alignment) }

    private mutating func appendValue(of kind: Field.Kind) -> Int {
        switch kind {
        case .scalar(.string), .message, .group: append(UnsafeRawPointer?.self)
        case .scalar(.bytes): append(ProtobufCBinaryData.self)
        case .scalar(.double): append(Double.self)
        case .scalar(.int64), .scalar(.uint64), .scalar(.fixed64), .scalar(.sfixed64), .scalar(.sint64):
            append(Int64.self)
        case .scalar, .enumeration: append(Int32.self)
        }
    }

    private mutating func append<Value>(_ type: Value.Type) -> Int {
        let offset = aligned(end, to: MemoryLayout<Value>.alignment)
        end = offset + MemoryLayout<Value>.size
        return offset
    }

    private func aligned(_ offset: Int, to alignment: Int) -> Int {
        (offset + alignment - 1) & ~(alignment - 1)
    }
}

extension Field {
    /// An Int says whether it is set; strings and messages are pointers, which can be nil.
    fileprivate var hasFlag: Bool {
        switch kind {
        case .scalar(.string), .message, .group: false
        case .scalar, .enumeration: true
        }
    }
}
