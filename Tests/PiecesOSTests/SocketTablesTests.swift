import EventLoop
import EventLoopTesting
import Glibc
import Testing

@testable import PiecesOS

struct SocketTablesTests {
    /// What was read of tables with these contents, and how many turns of the loop it took.
    private func read(
        _ tables: String?...,
        ports: Set<UInt16> = [1000],
        part: SocketTables.Part = .all,
        atMost: Int = .max
    ) throws -> (users: [UInt32], error: LoopError?, turns: Int) {
        var users: [UInt32] = []
        var outcome: LoopError??
        var turns = 0
        try withTemporaryDirectory { directory in
            let paths = try tables.enumerated().map { index, text in
                if let text { try write(text, to: "\(directory)/\(index)") }
                return "\(directory)/\(index)"
            }
            try withLoop { loop in
                let reading = SocketTables(loop: loop, paths: paths, ports: ports, part: part) { line in
                    users.append(line.user)
                    return users.count < atMost
                } ended: {
                    outcome = .some($0)
                }
                defer { reading.close() }
                try loop.run {
                    turns += 1
                    return outcome != nil
                }
            }
        }
        return (users, try #require(outcome), turns)
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        fputs(text, file)
    }

    private func line(_ user: UInt32, state: String = "0A", port: String = "03E8") -> String {
        SocketText.line("0100007F:\(port)", state: state, user: user)
    }

    @Test func `the lines of the ports in question come, of one table after the other`() throws {
        let first = SocketText.heading + line(1) + line(2, port: "03E9") + line(3, state: "01")
        let second = SocketText.heading + line(4)
        #expect(try read(first, second).users == [1, 3, 4])
        #expect(try read(first, second, ports: [1000, 1001]).users == [1, 2, 3, 4])
    }

    @Test func `of a table only the listeners are read if nothing else is wanted`() throws {
        let table = SocketText.heading + line(1) + line(2, state: "01") + line(3)
        #expect(try read(table, table, part: .listeners).users == [1, 1])
    }

    @Test func `reading ends when it is known`() throws {
        #expect(try read(SocketText.heading + line(1) + line(2), line(3), atMost: 1).users == [1])
    }

    @Test func `a machine without IPv6 has one table`() throws {
        let found = try read(line(1), nil)
        #expect(found.users == [1])
        #expect(found.error == nil)
    }

    @Test func `without a first table nothing can be told`() throws {
        let found = try read(nil, line(1))
        #expect(found.users.isEmpty)
        #expect(found.error == .system(ENOENT))
    }

    @Test func `a long table is read over turns of the loop, and every line once`() throws {
        let count: UInt32 = 15_000
        let found = try read(SocketText.heading + (1...count).map { line($0) }.joined())
        #expect(found.users == Array(1...count))
        #expect(found.turns > 1)
    }

    @Test func `what is closed in the middle says nothing more`() throws {
        try withLoop { loop in
            var said = 0
            let reading = SocketTables(loop: loop, ports: [], part: .all) { _ in
                said += 1
                return true
            } ended: { _ in
                said += 1
            }
            reading.close()
            try loop.settle()
            #expect(said == 0)
        }
    }
}
