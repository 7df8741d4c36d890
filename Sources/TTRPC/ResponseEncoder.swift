internal import Bytes
package import Calls

/// Appends what the server says to bytes that are going out: whole frames, each in one piece.
///
///     success       response, no flags, Response { 2 payload }; an empty payload is left out
///     failure       response, no flags, Response { 1 status }
///     message       data, no flags, the payload itself
///     end of stream data, remote closed and no data, nothing
package enum ResponseEncoder {
    /// The data length of the response that would carry a payload of `count` bytes.
    package static func responseLength(payload count: Int) -> Int {
        count == 0 ? 0 : 1 + Varint.length(of: UInt64(count)) + count
    }

    /// `payload` must fit: see `responseLength(payload:)`.
    package static func appendResponse(
        _ payload: UnsafeRawBufferPointer,
        streamID: UInt32,
        to bytes: inout [UInt8]
    ) {
        let header = FrameHeader(length: responseLength(payload: payload.count), streamID: streamID, type: .response)
        append(header, field: payload.isEmpty ? nil : 2, of: payload.count, payload, to: &bytes)
    }

    /// Everything of a response that comes before its payload, for who sends the payload from where it is.
    package static func appendResponseHead(payload count: Int, streamID: UInt32, to bytes: inout [UInt8]) {
        let header = FrameHeader(length: responseLength(payload: count), streamID: streamID, type: .response)
        append(header, field: count == 0 ? nil : 2, of: count, to: &bytes)
    }

    package static func appendStatus(_ status: Status, streamID: UInt32, to bytes: inout [UInt8]) {
        status.encoded().withUnsafeBytes { status in
            let header = FrameHeader(
                length: responseLength(payload: status.count),
                streamID: streamID,
                type: .response
            )
            append(header, field: 1, of: status.count, status, to: &bytes)
        }
    }

    /// `payload` may have `FrameHeader.maximumLength` bytes at most.
    package static func appendData(
        _ payload: UnsafeRawBufferPointer,
        streamID: UInt32,
        to bytes: inout [UInt8]
    ) {
        let header = FrameHeader(length: payload.count, streamID: streamID, type: .data)
        append(header, payload, to: &bytes)
    }

    /// The header of a data frame, for who sends the payload from where it is.
    package static func appendDataHead(payload count: Int, streamID: UInt32, to bytes: inout [UInt8]) {
        append(FrameHeader(length: count, streamID: streamID, type: .data), to: &bytes)
    }

    package static func appendEndOfStream(streamID: UInt32, to bytes: inout [UInt8]) {
        let header = FrameHeader(length: 0, streamID: streamID, type: .data, flags: [.remoteClosed, .noData])
        append(header, to: &bytes)
    }

    /// Appends the header, the tag and length of `field` if there is one, and the payload behind that.
    private static func append(
        _ header: FrameHeader,
        field: UInt8? = nil,
        of length: Int = 0,
        _ payload: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0),
        to bytes: inout [UInt8]
    ) {
        precondition(header.length <= FrameHeader.maximumLength, "what does not fit a frame is refused earlier")
        let fieldHead = field == nil ? 0 : 1 + Varint.length(of: UInt64(length))
        bytes.append(count: FrameHeader.byteCount + fieldHead + payload.count) { place in
            header.encode(into: UnsafeMutableRawBufferPointer(start: place, count: FrameHeader.byteCount))
            place += FrameHeader.byteCount
            if let field {
                var cursor = ProtobufCursor(place.assumingMemoryBound(to: UInt8.self))
                cursor.put(field << 3 | 2)
                cursor.putVarint(UInt64(length))
                place = UnsafeMutableRawPointer(cursor.position)
            }
            place.put(payload)
        }
    }
}
