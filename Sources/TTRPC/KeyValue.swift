internal import Bytes

/// One entry of a request's metadata, as views into the data of the frame.
package struct KeyValue {
    package private(set) var key = UnsafeRawBufferPointer(start: nil, count: 0)
    package private(set) var value = UnsafeRawBufferPointer(start: nil, count: 0)

    /// When it throws, `field` says which part was being read.
    init(decoding bytes: UnsafeRawBufferPointer, _ field: inout EnvelopeError.Field) throws(ProtobufProblem) {
        var reader = ProtobufReader(bytes)
        while !reader.isAtEnd {
            field = .metadata
            let tag = try reader.readTag()
            switch (tag.number, tag.wireType) {
            case (1, .lengthDelimited):
                field = .metadataKey
                key = try reader.readString()
            case (2, .lengthDelimited):
                field = .metadataValue
                value = try reader.readString()
            default:
                try reader.skipValue(tag)
            }
        }
    }
}
