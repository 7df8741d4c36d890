/// The ten bytes in front of every frame's data, big-endian:
///
///     0               4               8      9       10
///     +---------------+---------------+------+-------+
///     | data length   | stream id     | type | flags |
///     +---------------+---------------+------+-------+
package struct FrameHeader: Equatable, Sendable {
    package static let byteCount = 10
    /// The most data that a frame may carry, in bytes.
    package static let maximumLength = 4_194_304

    package var length: Int
    package var streamID: UInt32
    package var type: FrameType
    package var flags: FrameFlags

    package init(length: Int, streamID: UInt32, type: FrameType, flags: FrameFlags = []) {
        self.length = length
        self.streamID = streamID
        self.type = type
        self.flags = flags
    }

    /// Reads the first ten bytes of `bytes`, which must hold them.
    package init(decoding bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count >= Self.byteCount, "a frame header is ten bytes")
        length = Int(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)))
        streamID = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        type = FrameType(rawValue: bytes[8])
        flags = FrameFlags(rawValue: bytes[9])
    }

    /// Writes the first ten bytes of `bytes`, which must have room for them.
    package func encode(into bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= Self.byteCount, "a frame header is ten bytes")
        bytes.storeBytes(of: UInt32(length).bigEndian, toByteOffset: 0, as: UInt32.self)
        bytes.storeBytes(of: streamID.bigEndian, toByteOffset: 4, as: UInt32.self)
        bytes[8] = type.rawValue
        bytes[9] = flags.rawValue
    }
}
