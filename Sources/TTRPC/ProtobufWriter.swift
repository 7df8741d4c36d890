/// Builds one small protobuf message, leaving out what is empty or 0, as proto3 does.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(field number: UInt64, varint value: UInt64) {
        guard value != 0 else { return }
        append(varint: number << 3)
        append(varint: value)
    }

    mutating func append(field number: UInt64, _ string: String) {
        append(field: number, Array(string.utf8))
    }

    mutating func append(field number: UInt64, _ value: [UInt8]) {
        guard !value.isEmpty else { return }
        append(varint: number << 3 | 2)
        append(varint: UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    private mutating func append(varint value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
