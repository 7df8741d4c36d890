internal import Bytes

/// The metadata of a request: entries are found one by one in the data of the frame, so a million of them need no room.
package struct Metadata: Sequence {
    /// From the first metadata field to the end of the last, with whatever other fields lie between.
    private var fields = UnsafeRawBufferPointer(start: nil, count: 0)

    init() {}

    /// Takes in the field that begins `start` and ends where `rest` begins.
    mutating func extend(with start: UnsafeRawBufferPointer, before rest: UnsafeRawBufferPointer) {
        let first = fields.baseAddress ?? start.baseAddress
        guard let first, let end = rest.baseAddress else { return }
        fields = UnsafeRawBufferPointer(start: first, count: end - first)
    }

    package var isEmpty: Bool { fields.isEmpty }

    package func makeIterator() -> Iterator {
        Iterator(reader: ProtobufReader(fields))
    }

    package struct Iterator: IteratorProtocol {
        fileprivate var reader: ProtobufReader

        package mutating func next() -> KeyValue? {
            do throws(ProtobufProblem) {
                while !reader.isAtEnd {
                    let tag = try reader.readTag()
                    guard tag.number == 5, tag.wireType == .lengthDelimited else {
                        try reader.skipValue(tag)
                        continue
                    }
                    var field = EnvelopeError.Field.metadata
                    return try KeyValue(decoding: try reader.readBytes(), &field)
                }
                return nil
            } catch {
                preconditionFailure("metadata is iterated only after the envelope has been read to its end")
            }
        }
    }
}
