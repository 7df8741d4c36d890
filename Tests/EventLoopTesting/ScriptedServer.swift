package import EventLoop

/// An upstream that does what the test tells it to, on the loop of the test.
package final class ScriptedServer {
    /// One connection that was made to it.
    package final class Connection {
        package let stream: ByteStream
        package fileprivate(set) var received: [UInt8] = []
        /// The client has closed it.
        package fileprivate(set) var hasEnded = false

        fileprivate init(_ stream: ByteStream) {
            self.stream = stream
        }

        package var text: String { String(decoding: received, as: UTF8.self) }
        /// How many requests have come whole; only of those without a body.
        package var requests: Int {
            // As bytes: to a String, CRLF is one character.
            let blankLine = Array("\r\n\r\n".utf8)
            return received.indices.count { received[$0...].starts(with: blankLine) }
        }

        package func send(_ text: String) throws {
            try stream.write(Array(text.utf8))
        }

        package func answer(_ body: String, _ headers: String = "") throws {
            try send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
        }
    }

    package let path: String
    /// Whether it reads at all from those who connect.
    package var readsRequests = true
    private let listener: UnixListener
    package private(set) var connections: [Connection] = []

    package init(loop: Loop, path: String) throws {
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

    package var requests: Int { connections.reduce(0) { $0 + $1.requests } }

    package func close() {
        listener.close()
        for connection in connections { connection.stream.close() }
    }
}
