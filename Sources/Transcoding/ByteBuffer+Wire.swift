internal import Glibc

/// The pieces of protobuf's wire format. The caller has reserved the room for them.
extension ByteBuffer {
    @inline(__always)
    mutating func put(_ byte: UInt8) {
        start[count] = byte
        count &+= 1
    }

    /// Needs room for eight bytes.
    @inline(__always)
    mutating func put(_ tag: WireTag) {
        UnsafeMutableRawPointer(start + count).storeBytes(of: tag.bytes.littleEndian, as: UInt64.self)
        count &+= tag.count
    }

    /// Needs room for ten bytes.
    @inline(__always)
    mutating func putVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            put(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        put(UInt8(truncatingIfNeeded: rest))
    }

    @inline(__always)
    mutating func putFixed64(_ value: UInt64) {
        UnsafeMutableRawPointer(start + count).storeBytes(of: value.littleEndian, as: UInt64.self)
        count &+= 8
    }

    /// Needs 16 bytes more room than `source` has, and may read up to 15 bytes behind it: most strings are short, and
    /// copying them in pieces of fixed size is quicker than a call.
    @inline(__always)
    mutating func putPadded(_ source: UnsafeBufferPointer<UInt8>) {
        guard let from = UnsafeRawPointer(source.baseAddress) else { return }
        let to = UnsafeMutableRawPointer(start + count)
        if source.count <= 64 {
            var offset = 0
            while offset < source.count {
                let piece = from.loadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
                to.storeBytes(of: piece, toByteOffset: offset, as: SIMD16<UInt8>.self)
                offset &+= 16
            }
        } else {
            memcpy(to, from, source.count)
        }
        count &+= source.count
    }

    /// Begins something whose length stands in front of it. One byte is kept for the length; `endLength` makes room if
    /// it needs more, because lengths must be as short as they can be and most are.
    @inline(__always)
    mutating func beginLength() -> Int {
        count &+= 1
        return count
    }

    /// Writes the length of everything since `begin`, reserving what it needs.
    @inline(__always)
    mutating func endLength(_ begin: Int) {
        let length = count &- begin
        if length < 0x80 {
            start[begin &- 1] = UInt8(truncatingIfNeeded: length)
        } else {
            endLongLength(begin, length)
        }
    }

    @inline(never)
    private mutating func endLongLength(_ begin: Int, _ length: Int) {
        reserve(16)
        let bits = Int.bitWidth - length.leadingZeroBitCount
        let more = (bits - 1) / 7
        memmove(start + begin + more, start + begin, length)
        count = begin - 1
        putVarint(UInt64(length))
        count += length
    }
}
