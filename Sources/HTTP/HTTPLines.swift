internal import Bytes

/// Cuts heads and trailers into lines as they arrive (RFC 9112, section 2.2), up to a limit in bytes that all those of
/// one answer have together.
///
/// A line that is whole in what has arrived is lent from there; only of one that is not, the beginning is kept.
struct HTTPLines: ~Copyable {
    /// What may be kept between answers.
    private static let keptCapacity = 4096

    let limit: Int
    private var taken = 0
    private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// Bytes of a line whose end is still to come, without the CR.
    private var keptCount = 0
    private var keptCarriageReturn = false
    private var keptIsLent = false

    init(limit: Int) {
        self.limit = limit
    }

    deinit {
        storage.deallocate()
    }

    /// Makes ready for another answer.
    mutating func reset() {
        taken = 0
        keptCount = 0
        keptCarriageReturn = false
        keptIsLent = false
        if storage.count > Self.keptCapacity {
            storage.deallocate()
            storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
        }
    }

    var tooLarge: HTTPError { .tooLarge("the head of the answer is over \(limit) bytes") }

    var hasTakenNothing: Bool { taken == 0 }

    /// The CR of a line has come, and its LF has not.
    var isInLineEnd: Bool { keptCarriageReturn }

    /// What of `unread` the limit allows to look at, before a line ends.
    func allowed(_ unread: UnsafeRawBufferPointer) throws(HTTPError) -> UnsafeRawBufferPointer {
        guard taken < limit || unread.isEmpty else { throw tooLarge }
        return UnsafeRawBufferPointer(rebasing: unread.prefix(limit - taken))
    }

    mutating func skip(_ count: Int, _ unread: inout UnsafeRawBufferPointer) {
        taken += count
        _ = unread.removePrefix(atMost: count)
    }

    /// The next line in `unread` without its end, lent until the next call and no longer than `unread`; nil when the
    /// line goes on behind it.
    ///
    /// No line has a control character but tabs in it. One that has is refused at that byte, so that it does not matter
    /// how the bytes are cut.
    /// - Parameter endsInLineFeed: a LF does without its CR.
    mutating func next(
        _ unread: inout UnsafeRawBufferPointer,
        endsInLineFeed: Bool = true
    ) throws(HTTPError) -> UnsafeRawBufferPointer? {
        if keptIsLent {
            keptIsLent = false
            keptCount = 0
        }
        let allowed = UnsafeRawBufferPointer(rebasing: unread.prefix(limit - taken))
        let length = keptCarriageReturn ? 0 : allowed.firstControl
        let text = UnsafeRawBufferPointer(rebasing: allowed[..<length])
        var end = length
        if !keptCarriageReturn, end < allowed.count, allowed[end] == UInt8(ascii: "\r") {
            keptCarriageReturn = true
            end += 1
        }
        guard end < allowed.count else {
            keep(text)
            taken += allowed.count
            _ = unread.removePrefix(atMost: allowed.count)
            guard unread.isEmpty else { throw tooLarge }
            return nil
        }
        guard allowed[end] == UInt8(ascii: "\n"), keptCarriageReturn || endsInLineFeed else {
            throw .badHTTP("a line has a control character in it")
        }
        keptCarriageReturn = false
        taken += end + 1
        _ = unread.removePrefix(atMost: end + 1)
        guard keptCount > 0 else { return text }
        keep(text)
        keptIsLent = true
        return UnsafeRawBufferPointer(rebasing: storage[..<keptCount])
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer) {
        let needed = keptCount + bytes.count
        if needed > storage.count {
            let capacity = max(needed, min(2 * storage.count, limit), 256)
            let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 1)
            grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: storage[..<keptCount]))
            storage.deallocate()
            storage = grown
        }
        UnsafeMutableRawBufferPointer(rebasing: storage[keptCount..<needed]).copyMemory(from: bytes)
        keptCount = needed
    }
}
