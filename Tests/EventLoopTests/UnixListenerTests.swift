import EventLoopTesting
import Testing

@testable import EventLoop

struct UnixListenerTests {
    private func withListener(_ test: (Loop, UnixListener, String) throws -> Void) throws {
        try withTemporaryDirectory { directory in
            try withLoop { loop in
                let socket = try RawSocket.bound(to: "\(directory)/socket")
                let listener = try UnixListener(loop: loop, adopting: socket.release())
                defer { listener.close() }
                try test(loop, listener, "\(directory)/socket")
            }
        }
    }

    @Test func `many connections that wait together are all accepted, each a stream of its own`() throws {
        try withListener { loop, listener, path in
            var streams: [ByteStream] = []
            try listener.listen { streams.append($0) }
            let clients = try (0..<200).map { _ in try RawSocket.connected(to: path) }
            try loop.run(until: { streams.count == clients.count })

            for (number, stream) in streams.enumerated() {
                try stream.write(Array("\(number)".utf8))
            }
            let greetings = clients.map { String(decoding: $0.readAvailable(), as: UTF8.self) }
            #expect(greetings == (0..<200).map { "\($0)" })
            for stream in streams { stream.close() }
        }
    }

    @Test func `those who connect do not keep the loop from its other work`() throws {
        try withListener { loop, listener, path in
            var streams: [ByteStream] = []
            try listener.listen { streams.append($0) }
            let clients = try (0..<200).map { _ in try RawSocket.connected(to: path) }
            var turns = 0
            while streams.count < clients.count {
                turns += 1
                loop.runOnce()
            }
            #expect(turns >= 3)
            for stream in streams { stream.close() }
        }
    }

    @Test func `a client that has gone before it is accepted hurts nobody`() throws {
        try withListener { loop, listener, path in
            var ends = 0
            var streams: [ByteStream] = []
            try listener.listen { stream in
                streams.append(stream)
                do {
                    try stream.startReading(.init(received: { _ in }, ended: { _ in ends += 1 }))
                } catch {
                    Issue.record("\(error)")
                }
            }
            try RawSocket.connected(to: path).close()
            let client = try RawSocket.connected(to: path)
            try loop.run(until: { streams.count == 2 && ends == 1 })
            client.close()
            try loop.run(until: { ends == 2 })
            for stream in streams { stream.close() }
        }
    }

    @Test func `a listener can be closed while it accepts`() throws {
        try withListener { loop, listener, path in
            var accepted = 0
            try listener.listen { stream in
                accepted += 1
                stream.close()
                listener.close()
            }
            let first = try RawSocket.connected(to: path)
            let second = try RawSocket.connected(to: path)
            try loop.run(until: { first.isAtEnd || second.isAtEnd })
            try loop.settle()
            #expect(accepted == 1)
        }
    }

    @Test func `a closed listener does not listen`() throws {
        try withListener { _, listener, _ in
            listener.close()
            listener.close()
            #expect(throws: LoopError.cancelled) { try listener.listen { $0.close() } }
        }
    }

    @Test func `a descriptor that is none is refused, and nothing stays open`() throws {
        try withLoop { loop in
            #expect(throws: LoopError.system(9)) { try UnixListener(loop: loop, adopting: 1_000_000) }
        }
    }
}
