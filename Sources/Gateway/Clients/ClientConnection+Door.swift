import Bytes
import Calls
import GRPC

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

extension ClientConnection: PageSender {
    func answer(_ page: PageRequest) {
        let path = String(decoding: page.path, as: UTF8.self)
        door?.answer(path, isHead: page.isHead, for: PageClient(self, page.key))
    }

    func answer(_ key: CallKey, _ answer: HTTPAnswer) {
        guard !transport.isClosed else { return }
        session.answer(key, answer)
        flushAtEndOfTurn()
    }
}
