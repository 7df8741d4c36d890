internal import CNGHTTP2
internal import Calls

/// What happens because time passes.
extension ServerSession {
    /// How long the answer to a drain's PING is waited for.
    private static let drainTime: UInt64 = 200_000_000

    /// Says that no more calls are to come. Those that come before the client has heard it are served.
    package func startDraining(now: UInt64) {
        setNow(now)
        guard case .none = drain, end == nil else { return }
        drain = .noticed(Self.sum(self.now, Self.drainTime))
        nghttp2_submit_shutdown_notice(http2)
        // nghttp2 would let the PING go first, and its answer would say nothing of the notice.
        send()
        withUnsafeBytes(of: Self.pingData) { data in
            _ = nghttp2_submit_ping(http2, 0, data.assumingMemoryBound(to: UInt8.self).baseAddress)
        }
        send()
    }

    private static var pingData: UInt64 { UInt64(bigEndian: 0x6472_6169_6E69_6E67) }

    func receivedPingAnswer(_ ping: nghttp2_ping) {
        guard case .noticed = drain else { return }
        let data = withUnsafeBytes(of: ping.opaque_data) { $0.loadUnaligned(as: UInt64.self) }
        if data == Self.pingData { drain = .due }
    }

    /// At once, so that no call is accepted behind the one that is named as the last.
    func stopTakingCalls() {
        drain = .last
        let last = nghttp2_session_get_last_proc_stream_id(http2)
        nghttp2_submit_goaway(http2, 0, last, NGHTTP2_NO_ERROR.rawValue, nil, 0)
        send()
    }

    /// When `expire` has something to do next.
    package var nextDeadline: UInt64? {
        var next: UInt64? = if case .noticed(let time) = drain { time } else { nil }
        for stream in streams {
            if let time = dueTime(of: stream) { next = min(next ?? time, time) }
        }
        return next
    }

    /// Ends what has waited for its client too long, and goes on with what was postponed. `next` is to be asked afterwards, with no bytes.
    package func expire(now: UInt64) {
        setNow(now)
        if case .noticed(let time) = drain, time <= self.now {
            stopTakingCalls()
        }
        let due = streams.filter { dueTime(of: $0).map { $0 <= self.now } ?? false }
        for stream in due where !stream.isGone { expire(stream) }
    }

    /// A call that has been given out has its deadline with whoever got it.
    private func dueTime(of stream: CallStream) -> UInt64? {
        let message = Self.sum(stream.messageStart, limits.messageTime)
        switch stream.phase {
        case .head: return nil
        case .receiving: return Self.earlier(stream.deadline, message)
        case .begun: return isDue(stream) ? now : Self.earlier(message, windowTime(of: stream))
        case .answered:
            guard stream.messages.byteCount > 0 else { return nil }
            return Self.earlier(stream.deadline, windowTime(of: stream))
        }
    }

    /// When its window has been shut for too long.
    private func windowTime(of stream: CallStream) -> UInt64? {
        guard stream.messages.byteCount > 0, !stream.isHeld else { return nil }
        return Self.sum(stream.lastProgress, limits.readTime)
    }

    private static func sum(_ time: UInt64?, _ duration: UInt64?) -> UInt64? {
        guard let time, let duration else { return nil }
        return sum(time, duration)
    }

    private static func earlier(_ one: UInt64?, _ other: UInt64?) -> UInt64? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    private func expire(_ stream: CallStream) {
        switch stream.phase {
        case .receiving where stream.deadline.map { $0 <= now } ?? false: refuse(stream, .deadline)
        case .receiving: refuse(stream, .messageTooSlow)
        case .begun where isDue(stream): resumedStreams.append(stream)
        case .begun where stream.messages.byteCount == 0: refuse(stream, .messageTooSlow)
        case .begun:
            events.append(.cancelled(stream.key))
            cancel(stream)
        case .head, .answered: cancel(stream)
        }
    }
}
