internal import Glibc

extension GrowingBuffer<UInt8> {
    /// Appends what `body` puts, which may be `room` bytes and no more.
    @inlinable
    @inline(__always)
    public mutating func write(room: Int, _ body: (inout ProtobufCursor) -> Void) {
        reserve(room)
        var cursor = ProtobufCursor(start + count)
        body(&cursor)
        count = cursor.position - start
    }

    /// Begins something whose length stands in front of it, behind `tag`. One byte is kept for the length; `endLength` makes
    /// room if it needs more, because lengths must be as short as they can be and most are. Returns where it begins.
    @inlinable
    @inline(__always)
    public mutating func beginLength(_ tag: PackedTag) -> Int {
        write(room: 16) {
            $0.put(tag)
            $0.put(0)
        }
        return count
    }

    /// Writes the length of everything since `begin`.
    @inlinable
    @inline(__always)
    public mutating func endLength(_ begin: Int) {
        let length = count &- begin
        if length < 0x80 {
            start[begin &- 1] = UInt8(truncatingIfNeeded: length)
        } else {
            endLongLength(begin, length)
        }
    }

    @usableFromInline
    @inline(never)
    mutating func endLongLength(_ begin: Int, _ length: Int) {
        reserve(16)
        let more = Varint.length(of: UInt64(length)) - 1
        memmove(start + begin + more, start + begin, length)
        count = begin - 1
        write(room: 0) { $0.putVarint(UInt64(length)) }
        count += length
    }
}
