internal import Bytes

/// Cuts what arrives on one connection into frames.
///
/// It is asked for one event at a time and calls nobody, so whoever handles an event is free to close the connection:
///
///     while let event = decoder.next(&unread) { … }
package struct FrameDecoder: ~Copyable {
    package enum Event {
        /// A whole frame. The data is lent until the next call, and no longer than the bytes that were passed in.
        case frame(FrameHeader, UnsafeRawBufferPointer)
        /// The header of a frame that is too long. Its data will be skipped.
        case oversize(FrameHeader)
        /// The first byte of a header is not 0: lengths are below 16 MiB, so this is another protocol.
        case notTTRPC
    }

    private let maximumLength: Int
    /// From this length on the data of a frame is always kept, also when it comes in one piece.
    private let keptLength: Int
    private var headerBytes: (UInt64, UInt64) = (0, 0)
    private var headerCount = 0
    /// The header of a frame whose data has not come in whole.
    private var header: FrameHeader?
    private(set) var gathered = GatheringBuffer()
    private var gatheredIsLent = false
    private var skipped = 0

    /// - Parameter maximumLength: the most data that is taken in; a frame with more is skipped.
    /// - Parameter keptLength: from this length on data is lent until the next call, whatever becomes of the bytes that were
    ///   passed in.
    package init(maximumLength: Int = FrameHeader.maximumLength, keptLength: Int = .max) {
        self.maximumLength = maximumLength
        self.keptLength = keptLength
    }

    /// Part of a frame has arrived, and the rest is due.
    package var isMidFrame: Bool {
        headerCount > 0 || header != nil || skipped > 0
    }

    /// The next event in `unread`, which then begins behind it, or nil when all of `unread` has been taken in.
    package mutating func next(_ unread: inout UnsafeRawBufferPointer) -> Event? {
        if gatheredIsLent {
            gatheredIsLent = false
            gathered.removeAll()
        }
        if skipped > 0 {
            skipped -= unread.removePrefix(atMost: skipped).count
        }
        if let header {
            return completeFrame(header, &unread)
        }
        guard let firstByte = unread.first else { return nil }
        if headerCount == 0, firstByte != 0 {
            _ = unread.removePrefix(atMost: unread.count)
            return .notTTRPC
        }
        guard let header = completeHeader(&unread) else { return nil }
        if header.length > maximumLength {
            skipped = header.length
            return .oversize(header)
        }
        return completeFrame(header, &unread)
    }

    /// Bytes that are kept of a frame whose data has not come in whole.
    package var unfinishedByteCount: Int { gatheredIsLent ? 0 : gathered.count }

    private mutating func completeHeader(_ unread: inout UnsafeRawBufferPointer) -> FrameHeader? {
        if headerCount == 0, unread.count >= FrameHeader.byteCount {
            return FrameHeader(decoding: unread.removePrefix(atMost: FrameHeader.byteCount))
        }
        let part = unread.removePrefix(atMost: FrameHeader.byteCount - headerCount)
        let offset = headerCount
        withUnsafeMutableBytes(of: &headerBytes) { bytes in
            UnsafeMutableRawBufferPointer(rebasing: bytes[offset...]).copyMemory(from: part)
        }
        headerCount += part.count
        guard headerCount == FrameHeader.byteCount else { return nil }
        headerCount = 0
        return withUnsafeBytes(of: headerBytes) { FrameHeader(decoding: $0) }
    }

    private mutating func completeFrame(_ header: FrameHeader, _ unread: inout UnsafeRawBufferPointer) -> Event? {
        if gathered.count == 0, unread.count >= header.length, header.length < keptLength {
            self.header = nil
            return .frame(header, unread.removePrefix(atMost: header.length))
        }
        gathered.append(unread.removePrefix(atMost: header.length - gathered.count), limit: header.length)
        guard gathered.count == header.length else {
            self.header = header
            return nil
        }
        self.header = nil
        gatheredIsLent = true
        return .frame(header, gathered.bytes)
    }
}
