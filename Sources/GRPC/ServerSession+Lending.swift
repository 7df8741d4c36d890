internal import Bytes
internal import Calls

/// A call is given out with its bytes where they are, until the next event is asked for.
extension ServerSession {
    func lend(_ stream: CallStream) {
        lent = stream
        stream.isLent = true
    }

    func lend(_ stream: CallStream, payload: UnsafeRawBufferPointer) -> CallRequest {
        lend(stream)
        let path = Self.parts(of: stream.path)
        return CallRequest(
            key: stream.key,
            service: path.service,
            method: path.method,
            payload: payload,
            metadata: stream.metadata,
            timeout: timeLeft(of: stream)
        )
    }

    /// `/package.Service/Method`, cut at the last slash.
    private static func parts(
        of path: UnsafeRawBufferPointer
    ) -> (service: UnsafeRawBufferPointer, method: UnsafeRawBufferPointer) {
        let path = path.first == UInt8(ascii: "/") ? UnsafeRawBufferPointer(rebasing: path.dropFirst()) : path
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else {
            return (UnsafeRawBufferPointer(start: nil, count: 0), path)
        }
        return (
            UnsafeRawBufferPointer(rebasing: path[..<slash]), UnsafeRawBufferPointer(rebasing: path[(slash + 1)...])
        )
    }

    /// A client's clock runs since it has sent the head.
    private func timeLeft(of stream: CallStream) -> CallTimeout {
        guard now > stream.arrival, let deadline = stream.deadline else { return stream.timeout }
        return deadline > now ? .nanoseconds(deadline - now) : .expired
    }
}
