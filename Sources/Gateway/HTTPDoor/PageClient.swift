import Calls

/// Sends what is answered over HTTP/2.
protocol PageSender: AnyObject {
    var socket: ListeningSocket { get }
    func answer(_ key: CallKey, _ answer: HTTPAnswer)
}

/// Who has asked for a page over HTTP/2, whose connection goes on after it.
final class PageClient: DoorClient {
    private weak var sender: (any PageSender)?
    private let key: CallKey
    let socket: ListeningSocket

    init(_ sender: any PageSender, _ key: CallKey) {
        self.sender = sender
        self.key = key
        socket = sender.socket
    }

    func answer(_ answer: HTTPAnswer) {
        sender?.answer(key, answer)
    }
}
