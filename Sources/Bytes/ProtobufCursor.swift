/// Where the next bytes of protobuf's wire format go, for as long as one field takes: a place that the compiler can keep in a
/// register, unlike the count of a buffer that lies in memory. Whoever made it has reserved the room.
public struct ProtobufCursor {
    @usableFromInline var next: UnsafeMutablePointer<UInt8>

    @inlinable
    @inline(__always)
    public init(_ position: UnsafeMutablePointer<UInt8>) { next = position }

    @inlinable
    public var position: UnsafeMutablePointer<UInt8> { @inline(__always) get { next } }

    @inlinable
    @inline(__always)
    public mutating func put(_ byte: UInt8) {
        next.pointee = byte
        next += 1
    }

    /// Needs room for eight bytes.
    @inlinable
    @inline(__always)
    public mutating func put(_ tag: PackedTag) {
        UnsafeMutableRawPointer(next).storeBytes(of: tag.bytes.littleEndian, as: UInt64.self)
        next += tag.count
    }

    /// Needs room for ten bytes.
    @inlinable
    @inline(__always)
    public mutating func putVarint(_ value: UInt64) {
        next = Varint.store(value, at: next)
    }

    @inlinable
    @inline(__always)
    public mutating func putFixed64(_ value: UInt64) {
        UnsafeMutableRawPointer(next).storeBytes(of: value.littleEndian, as: UInt64.self)
        next += 8
    }

    /// Needs room for `size` bytes and reads as many from `source`, of which `count` count: a size that is known to the
    /// compiler is copied without a call.
    @inlinable
    @inline(__always)
    public mutating func put(_ source: UnsafePointer<UInt8>, count: Int, reading size: Int) {
        UnsafeMutableRawPointer(next).copyMemory(from: source, byteCount: size)
        next += count
    }

    /// Needs 16 bytes more room than `source` has, and may read up to 15 bytes behind it: most strings are short, and
    /// copying them in pieces of fixed size is quicker than a call.
    @inlinable
    @inline(__always)
    public mutating func putPadded(_ source: UnsafeBufferPointer<UInt8>) {
        guard let from = UnsafeRawPointer(source.baseAddress) else { return }
        let to = UnsafeMutableRawPointer(next)
        if source.count <= 64 {
            var offset = 0
            while offset < source.count {
                let piece = from.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
                to.storeBytes(of: piece, toByteOffset: offset, as: SIMD16<UInt8>.self)
                offset &+= 16
            }
        } else {
            to.copyMemory(from: from, byteCount: source.count)
        }
        next += source.count
    }
}
