internal import Bytes
internal import CZLib

/// Unpacks one compressed message.
enum Inflation {
    enum Problem: Error {
        case broken
        /// It would have more bytes than are allowed.
        case tooLong
    }

    /// So much is unpacked at a time: what a few bytes can blow up to is never more than this above the limit.
    private static let step = 16_384

    /// What a byte can become (zlib's technical details).
    static let mostGrowth = 1_032

    static func inflate(
        _ bytes: UnsafeRawBufferPointer,
        _ encoding: RequestEncoding,
        into output: inout ByteBuffer,
        limit: Int
    ) throws(Problem) {
        var stream = z_stream()
        guard CZLib_inflateInit2(&stream, encoding.windowBits) == Z_OK else { throw .broken }
        defer { inflateEnd(&stream) }
        // zlib only reads from it; its type has no const.
        stream.next_in = UnsafeMutablePointer(mutating: bytes.assumingMemoryBound(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(bytes.count)
        while true {
            output.reserve(step)
            stream.next_out = output.start + output.count
            stream.avail_out = UInt32(step)
            let result = CZLib.inflate(&stream, Z_NO_FLUSH)
            output.count += step - Int(stream.avail_out)
            guard output.count <= limit else { throw .tooLong }
            if result == Z_STREAM_END, stream.avail_in == 0 { return }
            // Z_OK without room left in the output is the only reason to go on.
            guard result == Z_OK, stream.avail_out == 0 || stream.avail_in > 0 else { throw .broken }
        }
    }
}
