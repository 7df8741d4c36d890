/// Builds one small protobuf message, leaving out what is empty or 0, as proto3 does.
public struct ProtobufWriter {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public mutating func append(field number: UInt32, varint value: UInt64) {
        guard value != 0 else { return }
        append(ProtobufTag(number, .varint).value)
        append(value)
    }

    public mutating func append(field number: UInt32, _ string: String) {
        append(field: number, Array(string.utf8))
    }

    public mutating func append(field number: UInt32, _ value: [UInt8]) {
        guard !value.isEmpty else { return }
        append(field: number, message: value)
    }

    /// A message that is there also when nothing is in it.
    public mutating func append(field number: UInt32, message value: [UInt8]) {
        append(ProtobufTag(number, .lengthDelimited).value)
        append(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    private mutating func append(_ varint: UInt64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Varint.maximumLength) { room in
            guard let start = room.baseAddress else { preconditionFailure("no room for a varint") }
            let count = Varint.store(varint, at: start) - start
            bytes.append(contentsOf: room[..<count])
        }
    }
}
