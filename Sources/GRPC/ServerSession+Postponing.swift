internal import Bytes
internal import CNGHTTP2
internal import Calls

/// A client that asks on a stream of messages, and does not read the answers, is not worked for: what it asks is kept as it
/// came, and its window shuts over it. Other streams do not wait.
extension ServerSession {
    func mustWait(_ stream: CallStream) -> Bool {
        stream.isPostponed || (stream.isHigh && stream.kind == .requestStream)
    }

    /// Keeps what has come of a stream for when its answers have drained.
    func postpone(_ stream: CallStream) {
        if isChunkPostponed {
            stream.postponed.remove(from: 0, to: stream.postponed.count - chunk.count)
        } else {
            stream.postponed.append(chunk)
        }
        stream.isPostponed = true
        stream.messageStart = nil
        forgetArrived()
        countUnfinished(of: stream)
    }

    /// Its answers have drained. That it goes on when `expire` is called, and not at once, leaves other connections their
    /// turn.
    func isDue(_ stream: CallStream) -> Bool { stream.isPostponed && !stream.isHigh }

    /// Goes on with what was kept.
    func resume(_ stream: CallStream) {
        stream.isPostponed = false
        arrived = stream
        chunk = stream.postponed.bytes
        isChunkPostponed = true
    }

    /// Forgets what was kept, because all of it has been looked at.
    func releasePostponed(of stream: CallStream) {
        guard isChunkPostponed else { return }
        stream.postponed.reset(keeping: 0)
        countUnfinished(of: stream)
    }

    func countUnfinished(of stream: CallStream) {
        let count = stream.reader.byteCount + stream.postponed.count
        unfinishedByteCount += count - stream.countedBytes
        stream.countedBytes = count
        guard unfinishedByteCount > limits.unfinishedBytes, count > 0 else { return }
        // Its end may have to wait for the client.
        unfinishedByteCount -= count
        stream.countedBytes = 0
        stream.releaseRequest()
        refuse(stream, .tooMuchUnfinished(limits.unfinishedBytes))
    }
}
