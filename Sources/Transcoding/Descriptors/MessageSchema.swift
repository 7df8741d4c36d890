internal import Bytes
internal import CContract

/// How the JSON of one REST schema maps to its protobuf message, read off the descriptor that protoc-c generated.
///
/// Sendable though it holds pointers: what they point to is written by `init` alone and never freed.
package final class MessageSchema: @unchecked Sendable {
    package static let models = MessageSchema(pieces__models__v1__models__descriptor)
    package static let model = MessageSchema(pieces__models__v1__model__descriptor)
    package static let modelDeleteCacheOutput = MessageSchema(pieces__models__v1__model_delete_cache_output__descriptor)

    let table: UnsafePointer<MessageTable>

    init(_ descriptor: ProtobufCMessageDescriptor) {
        var builder = Builder()
        table = builder.table(of: descriptor)
    }

    /// The tag of the field that stands for a JSON member.
    func tag(of member: String) -> PackedTag {
        let padded = Array(member.utf8) + [UInt8](repeating: 0, count: 8)
        let number = padded.withUnsafeBufferPointer {
            table.pointee.names.number(of: UnsafeBufferPointer(rebasing: $0.dropLast(8)))
        }
        guard let number else { preconditionFailure("the contract has no member \(member) here") }
        return table.pointee.fields[number].tag
    }
}

extension MessageSchema {
    /// Makes the tables of a message and of every message in it, each once.
    private struct Builder {
        private var tables: [UnsafeRawPointer: UnsafePointer<MessageTable>] = [:]

        mutating func table(of message: ProtobufCMessageDescriptor) -> UnsafePointer<MessageTable> {
            let fields = (0..<Int(message.n_fields)).map { message.fields[$0] }
            let typed = fields.filter { !$0.isAdditionalProperties }
            guard let additionalProperties = fields.first(where: \.isAdditionalProperties) else {
                preconditionFailure("\(String(cString: message.name)) has no field additional_properties")
            }
            return Self.immortal(
                MessageTable(
                    names: NameTable(typed.enumerated().map { ($1.jsonName, $0) }),
                    fields: Self.immortal(typed.map { field($0) }),
                    additionalProperties: PackedTag(ProtobufTag(additionalProperties.id, .lengthDelimited))
                )
            )
        }

        private mutating func field(_ field: ProtobufCFieldDescriptor) -> MessageTable.Field {
            let (kind, wireType) = kind(of: field)
            let single = MessageTable.Field(tag: PackedTag(ProtobufTag(field.id, wireType)), kind: kind)
            guard field.label == PROTOBUF_C_LABEL_REPEATED else { return single }
            return MessageTable.Field(tag: single.tag, kind: .list(Self.immortal(single)))
        }

        private mutating func kind(of field: ProtobufCFieldDescriptor) -> (MessageTable.Kind, WireType) {
            switch (field.type, field.descriptor) {
            case (PROTOBUF_C_TYPE_BOOL, _): return (.bool, .varint)
            case (PROTOBUF_C_TYPE_INT64, _): return (.int64, .varint)
            case (PROTOBUF_C_TYPE_DOUBLE, _): return (.double, .fixed64)
            case (PROTOBUF_C_TYPE_STRING, _): return (.string, .lengthDelimited)
            case (PROTOBUF_C_TYPE_ENUM, let descriptor?):
                return (.enumeration(Self.numbers(of: descriptor.load(as: ProtobufCEnumDescriptor.self))), .varint)
            case (PROTOBUF_C_TYPE_MESSAGE, let descriptor?):
                let message = descriptor.load(as: ProtobufCMessageDescriptor.self)
                if String(cString: message.name) == "google.protobuf.Timestamp" {
                    return (.timestamp, .lengthDelimited)
                }
                let table = tables[descriptor] ?? table(of: message)
                tables[descriptor] = table
                return (.message(table), .lengthDelimited)
            default: preconditionFailure("the contract has no fields of the type of \(String(cString: field.name))")
            }
        }

        private static func numbers(of type: ProtobufCEnumDescriptor) -> UnsafePointer<NameTable> {
            let values = (0..<Int(type.n_values)).map { type.values[$0] }
            return immortal(NameTable(values.map { (type.jsonName(of: $0), Int($0.value)) }))
        }

        private static func immortal<Value>(_ value: Value) -> UnsafePointer<Value> { immortal([value]) }

        private static func immortal<Value>(_ values: [Value]) -> UnsafePointer<Value> {
            let memory = UnsafeMutableBufferPointer<Value>.allocate(capacity: max(values.count, 1))
            _ = memory.initialize(from: values)
            guard let start = memory.baseAddress else { preconditionFailure("no memory for a schema") }
            return UnsafePointer(start)
        }
    }
}
