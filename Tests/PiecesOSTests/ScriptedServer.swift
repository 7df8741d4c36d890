import EventLoop
import EventLoopTesting

@testable import PiecesOS

/// An upstream that does what the test tells it to, on the loop of the test.
final class ScriptedServer {
    /// One connection that was made to it.
    final class Connection {
        let stream: ByteStream
        fileprivate(set) var received: [UInt8] = []
        /// The client has closed it.
        fileprivate(set) var hasEnded = false

        fileprivate init(_ stream: ByteStream) {
            self.stream = stream
        }

        var text: String { String(decoding: received, as: UTF8.self) }
        /// How many requests have come whole; only of those without a body.
        var requests: Int {
            // As bytes: to a String, CRLF is one character.
            let blankLine = Array("\r\n\r\n".utf8)
            return received.indices.count { received[$0...].starts(with: blankLine) }
        }

        func send(_ text: String) throws {
            try stream.write(Array(text.utf8))
        }

        func answer(_ body: String, _ headers: String = "") throws {
            try send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
        }
    }

    let path: String
    /// Whether it reads at all from those who connect.
    var readsRequests = true
    private let listener: UnixListener
    private(set) var connections: [Connection] = []

    init(loop: Loop, path: String) throws {
        self.path = path
        listener = try UnixListener(loop: loop, adopting: RawSocket.bound(to: path).release())
        try listener.listen { [unowned self] stream in
            let connection = Connection(stream)
            connections.append(connection)
            guard readsRequests else { return }
            do {
                try stream.startReading(
                    .init(received: { connection.received += $0 }, ended: { _ in connection.hasEnded = true })
                )
            } catch {
                stream.close()
            }
        }
    }

    var requests: Int { connections.reduce(0) { $0 + $1.requests } }

    func close() {
        listener.close()
        for connection in connections { connection.stream.close() }
    }
}
