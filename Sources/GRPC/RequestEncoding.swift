internal import Bytes

/// How the messages of a request are compressed where they are.
enum RequestEncoding {
    case identity
    case gzip
    case deflate

    /// The one of that name in `grpc-encoding`.
    init?(_ name: UnsafeRawBufferPointer) {
        if name.spells("identity") {
            self = .identity
        } else if name.spells("gzip") {
            self = .gzip
        } else if name.spells("deflate") {
            self = .deflate
        } else {
            return nil
        }
    }

    /// zlib's name for what it has to expect: 15 is the largest window, 16 more is gzip's head around it.
    var windowBits: Int32 { self == .gzip ? 31 : 15 }
}
