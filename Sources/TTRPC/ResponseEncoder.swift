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
        appendResponseHead(payload: payload.count, streamID: streamID, room: payload.count, to: &bytes)
        bytes.append(contentsOf: payload)
    }

    /// Everything of a response that comes before its payload, for who sends the payload from where it is.
    package static func appendResponseHead(payload count: Int, streamID: UInt32, to bytes: inout [UInt8]) {
        appendResponseHead(payload: count, streamID: streamID, room: 0, to: &bytes)
    }

    package static func appendStatus(_ status: Status, streamID: UInt32, to bytes: inout [UInt8]) {
        status.encoded().withUnsafeBytes { status in
            let header = FrameHeader(
                length: responseLength(payload: status.count),
                streamID: streamID,
                type: .response
            )
            appendHead(header, field: 1, of: status.count, room: status.count, to: &bytes)
            bytes.append(contentsOf: status)
        }
    }

    /// `payload` may have `FrameHeader.maximumLength` bytes at most.
    package static func appendData(
        _ payload: UnsafeRawBufferPointer,
        streamID: UInt32,
        to bytes: inout [UInt8]
    ) {
        let header = FrameHeader(length: payload.count, streamID: streamID, type: .data)
        appendHead(header, room: payload.count, to: &bytes)
        bytes.append(contentsOf: payload)
    }

    /// The header of a data frame, for who sends the payload from where it is.
    package static func appendDataHead(payload count: Int, streamID: UInt32, to bytes: inout [UInt8]) {
        appendHead(FrameHeader(length: count, streamID: streamID, type: .data), to: &bytes)
    }

    package static func appendEndOfStream(streamID: UInt32, to bytes: inout [UInt8]) {
        let header = FrameHeader(length: 0, streamID: streamID, type: .data, flags: [.remoteClosed, .noData])
        appendHead(header, to: &bytes)
    }

    private static func appendResponseHead(
        payload count: Int,
        streamID: UInt32,
        room: Int,
        to bytes: inout [UInt8]
    ) {
        let header = FrameHeader(length: responseLength(payload: count), streamID: streamID, type: .response)
        appendHead(header, field: count == 0 ? nil : 2, of: count, room: room, to: &bytes)
    }

    /// Appends the header, and the tag and length of `field` if there is one.
    /// - Parameter room: how many bytes the caller is going to append.
    private static func appendHead(
        _ header: FrameHeader,
        field: UInt8? = nil,
        of length: Int = 0,
        room: Int = 0,
        to bytes: inout [UInt8]
    ) {
        precondition(header.length <= FrameHeader.maximumLength, "what does not fit a frame is refused earlier")
        var head: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &head) { head in
            header.encode(into: head)
            var count = FrameHeader.byteCount
            if let field, let start = head.assumingMemoryBound(to: UInt8.self).baseAddress {
                var cursor = ProtobufCursor(start + count)
                cursor.put(field << 3 | 2)
                cursor.putVarint(UInt64(length))
                count = cursor.position - start
            }
            reserve(count + room, in: &bytes)
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: head[..<count]))
        }
    }

    /// Room for `count` more bytes. At least doubling, because `reserveCapacity` gives exactly what it is asked for, and
    /// a queue of many small answers would be copied for each of them.
    private static func reserve(_ count: Int, in bytes: inout [UInt8]) {
        guard bytes.capacity - bytes.count < count else { return }
        bytes.reserveCapacity(max(bytes.count + count, 2 * bytes.capacity))
    }
}
