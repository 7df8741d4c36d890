import Contract
import ContractTesting
import EventLoop
import EventLoopTesting
import Glibc
import Logging
import PiecesOS
import Testing

@testable import Gateway

/// Another contract than that of Pieces OS, from a client's socket to an upstream's: there is no Swift for its calls.
struct ShelfTests {
    private static let service = "test.shelf.v1.ShelfService"

    private struct Setting {
        let loop: Loop
        let client: RawSocket
        let server: ScriptedServer

        /// Sends a request, has the upstream answer it, and gives what the upstream got, and the frames of the answer.
        func call(
            _ id: UInt32,
            _ method: String,
            _ payload: [UInt8],
            answer: String
        ) throws -> (request: String, frames: [Frame]) {
            let request = Frame.request(id, method, of: ShelfTests.service, payload: payload)
            let before = server.connections.first?.received.count ?? 0
            try client.write(request.bytes)
            try loop.run(until: { (server.connections.first?.received.count ?? 0) > before })
            try loop.settle()
            try server.connections[0].answer(answer)
            var bytes: [UInt8] = []
            try loop.run(until: {
                bytes += client.readAvailable()
                let last = Frame.all(in: bytes).last
                return last?.type == 2 || last?.flags == 5
            })
            let text = String(decoding: server.connections[0].received.dropFirst(before), as: UTF8.self)
            return (text, Frame.all(in: bytes))
        }
    }

    private func withShelf(_ test: (Setting) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            try withLoop { loop in
                let server = try ScriptedServer(loop: loop, path: "\(directory)/upstream")
                defer { server.close() }
                let contract = try Shelf.contract()
                let path = "\(directory)/gateway"
                let policy = AccessPolicy(users: [geteuid()], methods: .all(of: contract))
                let gateway = try Gateway(
                    loop: loop,
                    contract: contract,
                    sockets: [.init(descriptor: RawSocket.bound(to: path).release(), path: path, policy: policy)],
                    upstream: Upstream(
                        loop: loop,
                        location: UpstreamLocation(parsing: "unix:\(server.path)"),
                        limits: .init()
                    ),
                    limits: .init(),
                    logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                )
                try gateway.start()
                let client = try RawSocket.connected(to: path)
                try test(Setting(loop: loop, client: client, server: server))
                client.close()
                var hasStopped = false
                gateway.drain { hasStopped = true }
                try loop.run(until: { hasStopped })
            }
        }
    }

    private func text(_ number: UInt8, _ text: String) -> [UInt8] {
        [number << 3 | 2, UInt8(text.utf8.count)] + text.utf8
    }

    private static let head = "HTTP/1.1\r\nHost: localhost\r\nAccept: application/json, text/plain\r\n"

    @Test func `a GET takes its parameters from the request`() throws {
        try withShelf { setting in
            let (request, frames) = try setting.call(
                1,
                "GetBook",
                text(1, "a b") + text(2, "7/8"),
                answer: #"{"title":"x","formats":["E_BOOK"],"is_lent":0,"place":{"rowNumber":3}}"#
            )
            #expect(request == "GET /shelves/a%20b/books/7%2F8 \(Self.head)\r\n")
            // A title, a format, a place with its row, and what does not fit its field.
            let book = text(1, "x") + [24, 2] + [50, 2, 8, 3] + [0xC2, 0x3E, 13] + Array(#"{"is_lent":0}"#.utf8)
            #expect(frames == [.response(1, book)])
        }
    }

    @Test func `a POST has the field that the route names as its body`() throws {
        try withShelf { setting in
            let book = text(1, "y") + text(7, "z")
            let (request, frames) = try setting.call(
                1,
                "AddBook",
                text(1, "s") + [18, UInt8(book.count)] + book,
                answer: #"{"title":"y"}"#
            )
            let body = #"{"title":"y","place":null,"authors":["z"]}"#
            #expect(
                request == "POST /shelves/s/books \(Self.head)Content-Type: application/json\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(frames == [.response(1, text(1, "y"))])
        }
    }

    @Test func `a DELETE has no answer but that it was done`() throws {
        try withShelf { setting in
            let (request, frames) = try setting.call(1, "RemoveBook", text(1, "s") + text(2, "b"), answer: "gone")
            #expect(request == "DELETE /shelves/s/books/b \(Self.head)\r\n")
            #expect(frames == [.response(1, [])])
        }
    }

    @Test func `a list is a stream of messages, with parameters too`() throws {
        try withShelf { setting in
            let (request, frames) = try setting.call(
                1,
                "ListBooks",
                text(1, "s"),
                answer: #"{"count":2,"books":[{"title":"x"},{"title":"y"}]}"#
            )
            #expect(request == "GET /shelves/s/books \(Self.head)\r\n")
            #expect(frames.last == .end(1))
            let books = [18, 3] + text(1, "x") + [18, 3] + text(1, "y")
            let all = frames.dropLast().flatMap(\.data)
            #expect(all == books + [8, 2] || all == [8, 2] + books)
        }
    }

    @Test func `a parameter that cannot be in a path is refused`() throws {
        try withShelf { setting in
            let request = Frame.request(1, "RemoveBook", of: Self.service, payload: text(1, "s") + text(2, ".."))
            try setting.client.write(request.bytes)
            var bytes: [UInt8] = []
            try setting.loop.run(until: {
                bytes += setting.client.readAvailable()
                return !bytes.isEmpty
            })
            #expect(Frame.all(in: bytes).map(\.reason) == ["BAD_REQUEST"])
            #expect(setting.server.connections.isEmpty)
        }
    }
}
