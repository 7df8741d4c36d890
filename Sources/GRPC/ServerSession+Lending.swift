internal import Bytes
internal import Calls

/// A call is given out with its bytes where they are, until the next event is asked for.
extension ServerSession {
    @inline(__always)
    func event(_ finding: Finding, of stream: CallStream) -> Event {
        switch finding {
        case .call(let payload): return .call(lend(stream, payload: payload))
        case .requestStream:
            return .requestStream(lend(stream, payload: UnsafeRawBufferPointer(start: nil, count: 0)))
        case .message(let message):
            lend(stream)
            return .message(stream.key, message)
        case .endOfRequest: return .endOfRequest(stream.key)
        case .page:
            lend(stream)
            return .page(PageRequest(key: stream.key, path: stream.path, isHead: stream.isHead))
        case .large(let count): return .large(count)
        }
    }

    private func lend(_ stream: CallStream) {
        lent = stream
        stream.isLent = true
    }

    @inline(__always)
    private func lend(_ stream: CallStream, payload: UnsafeRawBufferPointer) -> CallRequest {
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
        let slash = UInt8(ascii: "/")
        let path = path.first == slash ? UnsafeRawBufferPointer(rebasing: path.dropFirst()) : path
        var start = path.count
        while start > 0, path[start - 1] != slash { start -= 1 }
        return (
            UnsafeRawBufferPointer(rebasing: path[..<max(0, start - 1)]),
            UnsafeRawBufferPointer(rebasing: path[start...])
        )
    }

    /// A client's clock runs since it has sent the head.
    private func timeLeft(of stream: CallStream) -> CallTimeout {
        guard now > stream.arrival, let deadline = stream.deadline else { return stream.timeout }
        return deadline > now ? .nanoseconds(deadline - now) : .expired
    }
}
