/// Where the next bytes of protobuf's wire format go, for as long as one field takes: a place that the compiler can keep in a
/// register, unlike the count of a buffer that lies in memory. Whoever made it has reserved the room.
package struct ProtobufCursor {
    @usableFromInline package private(set) var position: UnsafeMutablePointer<UInt8>

    @inlinable
    @inline(__always)
    package init(_ position: UnsafeMutablePointer<UInt8>) { self.position = position }

    @inlinable
    @inline(__always)
    package mutating func put(_ byte: UInt8) {
        position.pointee = byte
        position += 1
    }

    /// Needs room for eight bytes.
    @inlinable
    @inline(__always)
    package mutating func put(_ tag: PackedTag) {
        UnsafeMutableRawPointer(position).storeBytes(of: tag.bytes.littleEndian, as: UInt64.self)
        position += tag.count
    }

    /// Needs room for ten bytes.
    @inlinable
    @inline(__always)
    package mutating func putVarint(_ value: UInt64) {
        position = Varint.store(value, at: position)
    }

    @inlinable
    @inline(__always)
    package mutating func putFixed64(_ value: UInt64) {
        UnsafeMutableRawPointer(position).storeBytes(of: value.littleEndian, as: UInt64.self)
        position += 8
    }

    /// Needs 16 bytes more room than `source` has, and may read up to 15 bytes behind it: most strings are short, and
    /// copying them in pieces of fixed size is quicker than a call.
    @inlinable
    @inline(__always)
    package mutating func putPadded(_ source: UnsafeBufferPointer<UInt8>) {
        guard let from = UnsafeRawPointer(source.baseAddress) else { return }
        let to = UnsafeMutableRawPointer(position)
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
        position += source.count
    }
}
