internal import Bytes
internal import Calls
internal import Glibc

/// Reads the requests of one connection, and remembers the last one. Clients mostly say the same again, but for the time that is
/// left and the trace: a request that differs in nothing else is not taken apart anew.
struct RequestMemo: ~Copyable {
    /// Longer ones are not remembered.
    static let longest = 1024

    /// The request that was read last, lent until the next one is and no longer than what that was read of.
    private(set) var request: CallRequest?
    /// The data of its frame, which its views lead to if it is remembered.
    private var data = ByteBuffer(capacity: 0)
    private var isRemembered = false
    /// Where in the data the parts are that may differ; empty if there are none.
    private var timeout = 0..<0
    private var traceparent = 0..<0

    /// Makes a request of the data of a frame.
    mutating func read(_ key: CallKey, _ data: UnsafeRawBufferPointer) throws(EnvelopeError) {
        guard !readAgain(key, data) else { return }
        isRemembered = false
        guard data.count <= Self.longest else {
            request = try Self.decode(key, data).request
            return
        }
        self.data.count = 0
        self.data.append(data)
        let (read, timeout) = try Self.decode(key, self.data.bytes)
        self.timeout = place(of: timeout)
        traceparent = place(of: read.metadata[.traceparent])
        request = read
        isRemembered = true
    }

    /// - Returns: the request, and where its timeout stands in the data.
    private static func decode(
        _ key: CallKey,
        _ data: UnsafeRawBufferPointer
    ) throws(EnvelopeError) -> (request: CallRequest, timeout: UnsafeRawBufferPointer?) {
        var metadata = RequestMetadata()
        let envelope = try RequestEnvelope(decoding: data) { metadata.add($0.key, $0.value) }
        let request = CallRequest(
            key: key,
            service: envelope.service,
            method: envelope.method,
            payload: envelope.payload,
            metadata: metadata,
            timeout: CallTimeout(nano: envelope.timeoutNano)
        )
        return (request, envelope.timeout)
    }

    private func place(of part: UnsafeRawBufferPointer?) -> Range<Int> {
        guard let part, let start = part.baseAddress else { return 0..<0 }
        let first = start - UnsafeRawPointer(data.start)
        return first..<first + part.count
    }

    // MARK: - The same again

    private mutating func readAgain(_ key: CallKey, _ other: UnsafeRawBufferPointer) -> Bool {
        guard isRemembered, other.count == data.count, let start = other.baseAddress, isLast(start) else {
            return false
        }
        let trace = UnsafeRawBufferPointer(rebasing: other[traceparent])
        guard let timeout = readTimeout(other), trace.isUTF8 else { return false }
        UnsafeMutableRawBufferPointer(start: data.start + traceparent.lowerBound, count: trace.count)
            .copyMemory(from: trace)
        request?.key = key
        request?.timeout = timeout
        return true
    }

    /// Whether the bytes are those of the last request, but for the parts that may differ.
    private func isLast(_ other: UnsafeRawPointer) -> Bool {
        let (one, two) = timeout.lowerBound < traceparent.lowerBound ? (timeout, traceparent) : (traceparent, timeout)
        return isLast(other, 0..<one.lowerBound) && isLast(other, one.upperBound..<two.lowerBound)
            && isLast(other, two.upperBound..<data.count)
    }

    private func isLast(_ other: UnsafeRawPointer, _ part: Range<Int>) -> Bool {
        memcmp(data.start + part.lowerBound, other + part.lowerBound, part.count) == 0
    }

    /// - Returns: `nil` if there is no number as long as the last one was.
    private func readTimeout(_ other: UnsafeRawBufferPointer) -> CallTimeout? {
        guard !timeout.isEmpty else { return request?.timeout }
        var reader = ProtobufReader(UnsafeRawBufferPointer(rebasing: other[timeout]))
        guard let nano = try? reader.readVarint(), reader.isAtEnd else { return nil }
        return CallTimeout(nano: Int64(bitPattern: nano))
    }
}
