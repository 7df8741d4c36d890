import Calls
import EventLoop
import EventLoopTesting
import HTTP
import PiecesOS
import Testing

@testable import Gateway

/// Answers on their way, of which each turn of the loop transcodes one that is large.
struct RoutedExchangeTests {
    /// Keeps what it hears.
    private final class Owner: RoutedExchange.Owner {
        private(set) var messages = 0
        private(set) var payloads: [Int] = []
        private(set) var failures: [Status] = []
        var hasEnded: Bool { payloads.count + failures.count > 0 }

        func received(message: UnsafeRawBufferPointer) {
            messages += 1
        }

        func received(_ end: Result<Payload, Status>) {
            switch end {
            case .success(let payload): payloads.append(payload.count)
            case .failure(let status): failures.append(status)
            }
        }
    }

    private final class Worker: PostponedTask {
        func goOn() {}
    }

    private func start(_ exchange: RoutedExchange, _ method: String = "ModelsSnapshot") throws {
        let request = HTTPRequest(method: "GET", path: Array("/models".utf8))
        exchange.start(try Carried.routed(method), request, forwarding: ForwardedHeaders())
    }

    private func model(_ size: Int) -> String {
        #"{"iterable":[{"id":"\#(String(repeating: "a", count: size))"}]}"#
    }

    /// Sends an answer but for its last bytes, and lets it arrive.
    private func send(allBut count: Int = 1, of text: String, on connection: Int, _ stub: UpstreamStub) throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n"
        try stub.server.connections[connection].send(head + text.dropLast(count))
        try stub.loop.settle()
    }

    @Test func `a large answer waits for its turn, and a small one does not`() throws {
        try withUpstreamStub { stub in
            let owners = [Owner(), Owner()]
            let exchanges = owners.map { stub.exchanges.make(for: $0) }
            for exchange in exchanges { try start(exchange) }
            try stub.requests(2)
            let texts = [model(300_000), model(100)]
            for (index, text) in texts.enumerated() { try send(of: text, on: index, stub) }
            #expect(owners.allSatisfy { !$0.hasEnded })

            let worker = Worker()
            #expect(stub.loop.budget.takeLarge(worker, of: worker))
            for connection in stub.server.connections { try connection.send("}") }
            try stub.loop.run(until: { owners[1].hasEnded })
            #expect(!owners[0].hasEnded)
            try stub.loop.run(until: { owners[0].hasEnded })
            #expect(owners.map(\.failures) == [[], []])
            #expect(owners[0].payloads[0] > 300_000)
        }
    }

    @Test func `one that is given up while it waits for its turn says nothing, and can be used again`() throws {
        try withUpstreamStub { stub in
            let owner = Owner()
            let exchange = stub.exchanges.make(for: owner)
            try start(exchange)
            try stub.requests(1)
            try send(of: model(300_000), on: 0, stub)
            let worker = Worker()
            #expect(stub.loop.budget.takeLarge(worker, of: worker))
            try stub.server.connections[0].send("}")
            stub.loop.runOnce()
            exchange.cancel()
            #expect(exchange.heldByteCount == 0)
            try stub.loop.settle()
            #expect(!owner.hasEnded)
            try start(exchange)
            try stub.requests(2)
            try #require(stub.server.connections.last).answer(model(10))
            try stub.loop.run(until: { owner.payloads == [14] })
        }
    }

    @Test func `a long answer of unknown length is caught up with in its turn, and not read meanwhile`() throws {
        try withUpstreamStub { stub in
            let owner = Owner()
            let exchange = stub.exchanges.make(for: owner)
            try start(exchange)
            try stub.requests(1)
            let element = #"{"id":"a",\#(String(repeating: " ", count: 90_000))"name":"n"},"#
            let connection = stub.server.connections[0]
            try connection.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"iterable\":[")
            for _ in 0..<60 { try connection.send(element) }
            try stub.loop.run(until: { connection.stream.queuedByteCount == 0 })
            try connection.send(#"{"id":"z"}]}"#)
            connection.stream.close()
            try stub.loop.run(until: { owner.hasEnded })
            #expect(owner.failures == [])
            #expect(owner.payloads == [60 * 8 + 5])
        }
    }

    @Test(arguments: ["ModelsSnapshot", "StreamModelsSnapshot"])
    func `the answer that takes the most memory gives way, and its connection is closed`(method: String) throws {
        try withUpstreamStub(answers: AnswerMemory(limit: 500_000)) { stub in
            let owners = [Owner(), Owner()]
            let exchanges = owners.map { stub.exchanges.make(for: $0) }
            for exchange in exchanges { try start(exchange, method) }
            try stub.requests(2)
            try send(allBut: 4, of: model(300_000), on: 0, stub)
            #expect(exchanges[0].heldByteCount > 300_000)
            try send(allBut: 4, of: model(250_000), on: 1, stub)
            try stub.loop.run(until: { owners[0].hasEnded })
            #expect(owners[0].failures.map(\.reason) == [.upstreamTooLarge])
            #expect(owners[0].failures.map(\.httpStatus) == [200])
            try stub.loop.run(until: { stub.server.connections[0].hasEnded })
            try stub.server.connections[1].send(String(model(250_000).suffix(4)))
            try stub.loop.run(until: { owners[1].hasEnded })
            #expect(owners[1].failures == [])
        }
    }

    @Test func `an answer that cannot be used ends it with the status that it had`() throws {
        for (method, text, reason) in [
            ("ModelsSnapshot", "[]", .upstreamBadJSON), ("ModelsSnapshot", model(5_000_000), .answerTooLarge),
            ("StreamModelsSnapshot", "[]", .upstreamBadJSON),
        ] as [(String, String, Status.Reason)] {
            try withUpstreamStub { stub in
                let owner = Owner()
                let exchange = stub.exchanges.make(for: owner)
                try start(exchange, method)
                try stub.requests(1)
                try stub.server.connections[0].answer(text)
                try stub.loop.run(until: { owner.hasEnded })
                #expect(owner.failures.map(\.reason) == [reason])
                #expect(owner.failures.map(\.httpStatus) == [200])
            }
        }
    }
}
