internal import Bytes

/// A field with each kind of value.
extension GrowingBuffer<UInt8> {
    @inline(__always)
    mutating func append(_ tag: PackedTag, bool: Bool) {
        write(room: 16) {
            $0.put(tag)
            $0.put(bool ? 1 : 0)
        }
    }

    @inline(__always)
    mutating func append(_ tag: PackedTag, varint: UInt64) {
        write(room: 16) {
            $0.put(tag)
            $0.putVarint(varint)
        }
    }

    @inline(__always)
    mutating func append(_ tag: PackedTag, double: Double) {
        write(room: 16) {
            $0.put(tag)
            $0.putFixed64(double.bitPattern)
        }
    }

    /// May read up to 15 bytes behind the string.
    @inline(__always)
    mutating func append(_ tag: PackedTag, string: UnsafeBufferPointer<UInt8>) {
        write(room: string.count &+ 32) {
            $0.put(tag)
            $0.putVarint(UInt64(truncatingIfNeeded: string.count))
            $0.putPadded(string)
        }
    }

    mutating func append(_ tag: PackedTag, time: Timestamp) {
        let begin = beginLength(tag)
        if time.seconds != 0 { append(Timestamp.secondsTag, varint: UInt64(bitPattern: time.seconds)) }
        if time.nanos != 0 { append(Timestamp.nanosTag, varint: UInt64(truncatingIfNeeded: time.nanos)) }
        endLength(begin)
    }
}

extension Timestamp {
    fileprivate static let secondsTag = PackedTag(ProtobufTag(1, .varint))
    fileprivate static let nanosTag = PackedTag(ProtobufTag(2, .varint))
}
