internal import Glibc

extension ByteBuffer {
    /// Appends what `body` puts, which may be `room` bytes and no more.
    @inline(__always)
    mutating func write(room: Int, _ body: (inout WireCursor) -> Void) {
        reserve(room)
        var cursor = WireCursor(start + count)
        body(&cursor)
        count = cursor.position - start
    }

    /// Begins something whose length stands in front of it, behind `tag`. One byte is kept for the length; `endLength` makes
    /// room if it needs more, because lengths must be as short as they can be and most are. Returns where it begins.
    @inline(__always)
    mutating func beginLength(_ tag: WireTag) -> Int {
        write(room: 16) {
            $0.put(tag)
            $0.put(0)
        }
        return count
    }

    /// Writes the length of everything since `begin`.
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
        write(room: 0) { $0.putVarint(UInt64(length)) }
        count += length
    }
}
