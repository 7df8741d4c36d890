/// What a client has sent that is too much for this turn of the loop: what of a read has not been looked at, and a large request
/// that is due before it.
struct Backlog {
    /// From so many bytes on it matters how large a request is. Unpacking one of so many costs as much as a few small ones.
    static let largeRequest = 16 * 1024
    /// A request counts as one more small one for each so many bytes.
    static let bytesOfOne = 1024

    private var bytes: [UInt8] = []
    private var start = 0
    /// The client has its turn later. Nothing is read until then.
    private(set) var isWaiting = false
    /// Bytes of the large request.
    private(set) var due: Int?

    var byteCount: Int { bytes.count - start }

    /// The client is to wait.
    mutating func wait(due: Int? = nil) {
        isWaiting = true
        self.due = due
    }

    /// It does not wait any more, and has the bytes looked at.
    mutating func goOn() -> [UInt8].SubSequence {
        isWaiting = false
        due = nil
        return bytes[start...]
    }

    /// The last so many of the bytes that it was to look at are left.
    mutating func keep(last count: Int) {
        start = bytes.count - count
        if count == 0 { removeAll() }
    }

    mutating func append(_ more: UnsafeRawBufferPointer) {
        bytes += more
    }

    mutating func removeAll() {
        bytes = []
        start = 0
    }
}
