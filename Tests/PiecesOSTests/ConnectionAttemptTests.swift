import EventLoop
import EventLoopTesting
import Testing

@testable import PiecesOS

struct ConnectionAttemptTests {
    /// What comes of an attempt to connect to these paths, one of which a server may have.
    private func outcome(_ paths: [String], server: String? = nil) throws -> String {
        var told: [String] = []
        try withTemporaryDirectory { directory in
            try withLoop { loop in
                let server = try server.map { try ScriptedServer(loop: loop, path: "\(directory)/\($0)") }
                defer { server?.close() }
                let addresses = paths.map { SocketAddress.unix(path: "\(directory)/\($0)") }
                let attempt = ConnectionAttempt(
                    loop: loop,
                    endpoint: Endpoint(authority: "localhost", addresses: addresses, description: "there")
                ) { outcome in
                    switch outcome {
                    case .success(let stream):
                        told.append("connected")
                        stream.close()
                    case .failure(let error): told.append("\(error)".replacing(directory, with: ""))
                    }
                }
                attempt.start()
                try loop.run(until: { !told.isEmpty })
                try loop.settle()
            }
        }
        #expect(told.count == 1)
        return told[0]
    }

    @Test func `addresses are tried in their order until one takes the connection`() throws {
        #expect(try outcome(["a"], server: "a") == "connected")
        #expect(try outcome(["a", "b", "c"], server: "b") == "connected")
    }

    @Test func `when none does, it is said what was wrong with each`() throws {
        let nothing = "no such file or directory"
        #expect(try outcome(["a", "b"]) == "unreachable(\"cannot connect to /a: \(nothing); /b: \(nothing)\")")
    }

    @Test func `an endpoint without an address cannot be connected to`() throws {
        #expect(try outcome([]) == "unreachable(\"cannot connect to there: it has no address\")")
    }

    @Test func `an attempt that was closed says nothing`() throws {
        try withTemporaryDirectory { directory in
            try withLoop { loop in
                let endpoint = Endpoint(authority: "localhost", addresses: [.unix(path: "\(directory)/a")])
                let attempt = ConnectionAttempt(loop: loop, endpoint: endpoint) { Issue.record("\($0)") }
                attempt.start()
                attempt.close()
                attempt.close()
                try loop.settle()
            }
        }
    }
}
