import CProtobufC

/// Reads protobuf wire bytes by their descriptor and says what is in them:
///
///     id:"x" cloud:true schema:{migration:1 semantic:1} additional_properties:"{\"a\":null}"
///
/// Fails on everything that a strict reader would refuse, and on varints that are longer than they must be.
struct WireText {
    enum Failure: Error {
        case endsEarly, longVarint
        case unknownField(UInt64)
        case wireType(String)
        case notUTF8(String)
    }

    private var rest: ArraySlice<UInt8>
    private let descriptor: ProtobufCMessageDescriptor

    static func of(_ bytes: some Sequence<UInt8>, _ descriptor: ProtobufCMessageDescriptor) throws -> String {
        try fields(bytes, descriptor).joined(separator: " ")
    }

    /// The same with the fields of the outermost message in an order that does not depend on that of the bytes; the elements
    /// of a list keep theirs.
    static func sorted(_ bytes: some Sequence<UInt8>, _ descriptor: ProtobufCMessageDescriptor) throws -> [String] {
        let all = try fields(bytes, descriptor)
        let names = Set(all.map { $0.prefix { $0 != ":" } }).sorted()
        return names.flatMap { name in all.filter { $0.prefix { $0 != ":" } == name } }
    }

    private static func fields(
        _ bytes: some Sequence<UInt8>,
        _ descriptor: ProtobufCMessageDescriptor
    ) throws -> [String] {
        var reader = WireText(rest: Array(bytes)[...], descriptor: descriptor)
        var fields: [String] = []
        while !reader.rest.isEmpty { fields.append(try reader.field()) }
        return fields
    }

    private mutating func field() throws -> String {
        let tag = try varint()
        let fields = (0..<Int(descriptor.n_fields)).map { descriptor.fields[$0] }
        guard let field = fields.first(where: { UInt64($0.id) == tag >> 3 }) else {
            throw Failure.unknownField(tag >> 3)
        }
        let name = String(cString: field.name)
        let wireType = tag & 7
        switch field.type {
        case PROTOBUF_C_TYPE_BOOL where wireType == 0: return "\(name):\(try varint() == 1)"
        case PROTOBUF_C_TYPE_INT64 where wireType == 0, PROTOBUF_C_TYPE_INT32 where wireType == 0,
            PROTOBUF_C_TYPE_ENUM where wireType == 0:
            return "\(name):\(Int64(bitPattern: try varint()))"
        case PROTOBUF_C_TYPE_DOUBLE where wireType == 1:
            let bits = try take(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return "\(name):\(Double(bitPattern: bits))"
        case PROTOBUF_C_TYPE_STRING where wireType == 2:
            let bytes = try take(Int(varint()))
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure.notUTF8(name) }
            return "\(name):\(text.debugDescription)"
        case PROTOBUF_C_TYPE_MESSAGE where wireType == 2:
            guard let nested = field.descriptor?.load(as: ProtobufCMessageDescriptor.self) else {
                throw Failure.wireType(name)
            }
            return "\(name):{\(try WireText.of(take(Int(varint())), nested))}"
        default: throw Failure.wireType(name)
        }
    }

    private mutating func varint() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw Failure.endsEarly }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 {
                if byte == 0 && shift > 0 { throw Failure.longVarint }
                return value
            }
        }
        throw Failure.longVarint
    }

    private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw Failure.endsEarly }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
