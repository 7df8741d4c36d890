import Testing

@testable import PiecesOS

struct SocketLineTests {
    private func read(_ text: String) -> SocketLine? { Array(text.utf8).withUnsafeBytes { SocketLine($0) } }
    private func glance(_ text: String) -> SocketLine.Glance? {
        Array(text.utf8).withUnsafeBytes { SocketLine.Glance($0) }
    }

    /// As Linux 6.1 prints them.
    private static let listener = """
           0: 0100007F:03E8 00000000:0000 0A 00000000:00000001 00:00000000 00000000 65534        0 341003 2 \
        00000000c5d29f6a 100 0 0 10 0
        """
    private static let connection = """
        12345: 0000000000000000FFFF00000100007F:9EE1 0000000000000000FFFF00000100007F:E124 01 00000000:00000000 \
        00:00000000 00000000  1000        0 0 1 000000007d9795d3 20 0 0 10 -1
        """

    @Test func `a listener is read`() throws {
        let line = try #require(read(Self.listener))
        #expect(line.local == .init(address: .ipv4(0x0100_007F), port: 1000))
        #expect(line.remote == .init(address: .ipv4(0), port: 0))
        #expect((line.state, line.user, line.inode) == (.listening, 65534, 341003))
        #expect(glance(Self.listener).map { [$0.localPort == .init(1000), $0.isListening] } == [true, true])
    }

    @Test func `a connection is read, with any number in front`() throws {
        let line = try #require(read(Self.connection))
        #expect(line.local == .init(address: .ipv6(0, 0xFFFF_0000_0100_007F), port: 0x9EE1))
        #expect(line.remote == .init(address: .ipv6(0, 0xFFFF_0000_0100_007F), port: 0xE124))
        #expect((line.state, line.user, line.inode) == (.established, 1000, 0))
        #expect(glance(Self.connection).map { [$0.localPort == .init(0x9EE1), $0.isListening] } == [true, false])
    }

    @Test func `a state that nobody asks about is none`() {
        #expect(read(SocketText.line("0100007F:03E8", state: "06"))?.state == nil)
    }

    @Test(arguments: [
        "", "x", "a b c 0A", SocketText.heading, "   0: 0100007F:03E8 00000000:0000 0A",
        SocketText.line("0100007F"), SocketText.line("0100007F:ZZZZ"), SocketText.line("0100007F:03E8:1"),
        SocketText.line("0100007F0:03E8"), SocketText.line(":03E8"),
        SocketText.line("0100007F:03E8").replacing(" 1000 ", with: " -1 "),
        SocketText.line("0100007F:03E8").replacing(" 1000 ", with: " 4294967296 "),
        SocketText.line("0100007F:03E8").replacing(" 23456 ", with: " 99999999999999999999 "),
    ])
    func `what is no such line is none`(text: String) {
        #expect(read(text) == nil)
    }

    @Test func `a line that is cut off anywhere is no reason to read behind it`() {
        for length in 0..<Self.connection.utf8.count {
            let part = String(Self.connection.prefix(length))
            _ = read(part)
            #expect(glance(part) == nil || glance(part) == glance(Self.connection))
        }
    }
}
