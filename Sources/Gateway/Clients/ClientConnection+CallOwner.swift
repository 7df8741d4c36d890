import Bytes
import Calls
import TTRPC

/// The answers of calls become frames.
extension ClientConnection: CallOwner {
    /// From this size on a payload that is lent is sent from where it is. Smaller ones are cheaper copied behind the other answers of
    /// the turn, because every write wakes the client.
    private static let largePayload = 256 * 1024
    /// A stream of which more waits for its window keeps the upstream waiting.
    private static let mostWaiting = 64 * 1024
    /// Frames of so many bytes leave before the turn ends: one answer for thousands of calls comes in one turn, and the
    /// limit of what may be unread holds within the turn too.
    private static let largeBatch = 4 * 1024 * 1024

    func complete(_ call: Call, _ payload: Payload) {
        complete(call.key, payload)
        ended(call, .ok, nil)
    }

    /// Answers a call that was carried out at once.
    func complete(_ key: CallKey, _ payload: UnsafeRawBufferPointer) {
        complete(key, Payload(lent: payload))
    }

    private func complete(_ key: CallKey, _ payload: Payload) {
        let isLent = payload.owner == nil
        if isLent, payload.count >= Self.largePayload, session.completeHead(key, payload: payload.count) {
            flush(payload.bytes)
        } else {
            session.complete(key, payload)
        }
        flushSoon()
    }

    func send(_ message: UnsafeRawBufferPointer, of call: Call) {
        if message.count >= Self.largePayload, session.sendHead(call.key, message: message.count) {
            flush(message)
        } else {
            session.send(call.key, message: message)
        }
        flushSoon()
        if session.hasStreams {
            // Only this stream waits; it goes on when little of it is left.
            if session.waitingByteCount(of: call.key) > Self.mostWaiting { pause(call) }
        } else if outbox.queuedByteCount + session.outgoing.count > Self.highWater {
            pause(call)
            hasPausedCalls = true
        }
    }

    func complete(_ call: Call) {
        session.complete(call.key)
        flushSoon()
        ended(call, .ok, nil)
    }

    func fail(_ call: Call, _ status: Status) {
        session.fail(call.key, status)
        flushSoon()
        ended(call, status.code, status.reason)
    }

    func abandon(_ call: Call) {
        ended(call, .cancelled, nil)
    }

    /// The answer of the call, if it has one, is among what goes out.
    private func ended(_ call: Call, _ code: Status.Code, _ reason: Status.Reason?) {
        remove(call)
        dispatcher.ended(call, code, reason, for: self)
    }

    private func flushSoon() {
        if session.outgoing.count > Self.largeBatch { flush() }
        flushAtEndOfTurn()
    }
}
