import EventLoopTesting
import Testing

@testable import EventLoop

struct ByteStreamConnectingTests {
    @Test func `connecting to a listener succeeds, in a later turn`() throws {
        try withTemporaryDirectory { directory in
            let listener = try RawSocket.listening(at: "\(directory)/socket")
            try withLoop { loop in
                let stream = try ByteStream(loop: loop, family: .unix)
                defer { stream.close() }
                var outcomes: [LoopError?] = []
                try stream.connect(to: .unix(path: "\(directory)/socket")) { outcomes.append($0) }
                #expect(outcomes.isEmpty)
                try loop.run(until: { !outcomes.isEmpty })
                #expect(outcomes == [nil])

                let peer = try #require(listener.accept())
                try stream.write(Array("hello".utf8))
                #expect(peer.readAvailable() == Array("hello".utf8))
            }
        }
    }

    @Test func `a socket that nobody listens at refuses`() throws {
        try withTemporaryDirectory { directory in
            let bound = try RawSocket.bound(to: "\(directory)/socket")
            defer { bound.close() }
            try expectFailure(of: .unix(path: "\(directory)/socket"), family: .unix, with: .connectionRefused)
        }
    }

    @Test func `a path that does not exist is said to`() throws {
        try withTemporaryDirectory { directory in
            try expectFailure(of: .unix(path: "\(directory)/socket"), family: .unix, with: .system(2))
        }
    }

    @Test func `a TCP port that nobody listens at refuses`() throws {
        let (bound, port) = try RawSocket.boundToLoopback()
        defer { bound.close() }
        let address = SocketAddress.internet(address: "127.0.0.1", port: port)
        try expectFailure(of: address, family: .internet, with: .connectionRefused)
    }

    private func expectFailure(of address: SocketAddress, family: ByteStream.Family, with error: LoopError) throws {
        try withLoop { loop in
            let stream = try ByteStream(loop: loop, family: family)
            defer { stream.close() }
            var outcomes: [LoopError?] = []
            try stream.connect(to: address) { outcomes.append($0) }
            #expect(outcomes.isEmpty)
            try loop.run(until: { !outcomes.isEmpty })
            try loop.settle()
            #expect(outcomes == [error])
        }
    }

    @Test func `a path of 107 bytes is used whole`() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/\(String(repeating: "x", count: 107 - directory.utf8.count - 1))"
            #expect(path.utf8.count == SocketAddress.maximumPathLength)
            let listener = try RawSocket.listening(at: path)
            try withLoop { loop in
                let stream = try ByteStream(loop: loop, family: .unix)
                defer { stream.close() }
                var outcomes: [LoopError?] = []
                try stream.connect(to: .unix(path: path)) { outcomes.append($0) }
                try loop.run(until: { outcomes == [nil] })
                #expect(listener.accept() != nil)
            }
        }
    }

    @Test func `a path of 108 bytes is refused, though its beginning is a listener`() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/\(String(repeating: "x", count: 107 - directory.utf8.count - 1))"
            let listener = try RawSocket.listening(at: path)
            try withLoop { loop in
                let stream = try ByteStream(loop: loop, family: .unix)
                defer { stream.close() }
                #expect(throws: LoopError.nameTooLong) {
                    try stream.connect(to: .unix(path: path + "x")) { _ in Issue.record("the connection was made") }
                }
                try loop.settle()
                #expect(listener.accept() == nil)
            }
        }
    }

    @Test(arguments: ["", "localhost", "127.0.0", "1.2.3.4.5", "::1::"])
    func `what is no address is refused at once`(address: String) throws {
        try withLoop { loop in
            let stream = try ByteStream(loop: loop, family: .internet)
            defer { stream.close() }
            #expect(throws: LoopError.system(22)) {
                try stream.connect(to: .internet(address: address, port: 1)) { _ in Issue.record("it was tried") }
            }
        }
    }

    @Test func `who closes while connecting hears nothing`() throws {
        try withTemporaryDirectory { directory in
            let listener = try RawSocket.listening(at: "\(directory)/socket")
            defer { listener.close() }
            try withLoop { loop in
                let stream = try ByteStream(loop: loop, family: .unix)
                try stream.connect(to: .unix(path: "\(directory)/socket")) { _ in Issue.record("it was told") }
                stream.close()
                try loop.settle()
                #expect(throws: LoopError.cancelled) {
                    try stream.connect(to: .unix(path: "\(directory)/socket")) { _ in }
                }
            }
        }
    }

    @Test func `a TCP connection to a listener has not met itself`() throws {
        try withLoop { loop in
            let (listener, port) = try RawSocket.boundToLoopback()
            try listener.startListening()
            let stream = try ByteStream(loop: loop, family: .internet)
            defer { stream.close() }
            var outcomes: [LoopError?] = []
            try stream.connect(to: .internet(address: "127.0.0.1", port: port)) { outcomes.append($0) }
            try loop.run(until: { outcomes == [nil] })
            #expect(try !stream.hasMetItself())
            try stream.disableWriteCoalescing()
        }
    }

    @Test func `a TCP socket that is its own peer has met itself`() throws {
        try withLoop { loop in
            let stream = try ByteStream(loop: loop, adopting: RawSocket.connectedToItself().release())
            defer { stream.close() }
            #expect(try stream.hasMetItself())
        }
    }
}
