import Bytes

extension ClientConnection: DoorClient {
    func answer(_ answer: HTTPAnswer) {
        guard !transport.isClosed else { return }
        session.answer(answer)
        flushAtEndOfTurn()
    }

    /// Closes when the answer has left. What came behind the request is read first: closing over it would tell the client
    /// of a fault before it has read the answer.
    func closeIfAnswered() {
        guard session.hasAnswered, session.outgoing.isEmpty, outbox.queuedByteCount == 0 else { return }
        transport.stopReceiving()
        close()
    }

    /// The client has nothing more to say.
    func ended() {
        if !session.outlivesEndOfFile { close() }
    }
}
