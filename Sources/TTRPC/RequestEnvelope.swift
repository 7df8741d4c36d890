internal import Bytes

/// A `ttrpc.Request`, as views into the data of its frame: nothing is copied, and nothing outlives that data.
///
///     1 service  2 method  3 payload  4 timeout_nano  5 metadata { 1 key  2 value }
package struct RequestEnvelope {
    package private(set) var service = UnsafeRawBufferPointer(start: nil, count: 0)
    package private(set) var method = UnsafeRawBufferPointer(start: nil, count: 0)
    package private(set) var payload = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Nanoseconds. 0: none was given. Negative: over before it began.
    package private(set) var timeoutNano: Int64 = 0
    /// Where that stands.
    private(set) var timeout: UnsafeRawBufferPointer?

    /// Reads all of `data`, so that what the views lead to cannot turn out malformed later. `entry` is called with each entry
    /// of the metadata: a million of them need no room, and are walked over once.
    package init(
        decoding data: UnsafeRawBufferPointer,
        _ entry: (KeyValue) -> Void = { _ in }
    ) throws(EnvelopeError) {
        var reader = ProtobufReader(data)
        while !reader.isAtEnd {
            var field = EnvelopeError.Field.request
            do throws(ProtobufProblem) {
                let tag = try reader.readTag()
                switch (tag.number, tag.wireType) {
                case (1, .lengthDelimited):
                    field = .service
                    service = try reader.readString()
                case (2, .lengthDelimited):
                    field = .method
                    method = try reader.readString()
                case (3, .lengthDelimited):
                    field = .payload
                    payload = try reader.readBytes()
                case (4, .varint):
                    field = .timeoutNano
                    let unread = reader.unread
                    timeoutNano = Int64(bitPattern: try reader.readVarint())
                    timeout = UnsafeRawBufferPointer(rebasing: unread.dropLast(reader.unread.count))
                case (5, .lengthDelimited):
                    field = .metadata
                    entry(try KeyValue(decoding: try reader.readBytes(), &field))
                default:
                    try reader.skipValue(tag)
                }
            } catch {
                throw EnvelopeError(field: field, problem: error)
            }
        }
    }
}
