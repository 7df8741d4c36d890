internal import Bytes

extension UInt64 {
    /// The bytes that cannot stand for themselves in a JSON string: quotes, backslashes and control characters. To be read
    /// as the answers of `bytes(below:)` are.
    var bytesToEscape: UInt64 {
        @inline(__always) get {
            bytes(below: 0x20) | bytes(equalTo: UInt8(ascii: "\"")) | bytes(equalTo: UInt8(ascii: "\\"))
        }
    }
}
