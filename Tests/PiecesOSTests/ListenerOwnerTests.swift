import EventLoopTesting
import Glibc
import Testing

@testable import PiecesOS

struct ListenerOwnerTests {
    private static let head =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

    /// A line as the kernel writes it.
    private func line(_ local: String, state: String = "0A", uid: UInt32 = 1000) -> String {
        "   0: \(local) 00000000:0000 \(state) 00000000:00000000 00:00000000 00000000  \(uid)        0 23456 1 0 100\n"
    }

    private func owners(_ port: UInt16, _ lines: String..., of address: String = "127.0.0.1") -> [UInt32] {
        ListenerOwner.owners(address: address, port: port, table: Self.head + lines.joined())
    }

    @Test(arguments: [
        ("127.0.0.1", "0100007F:03E8"), ("127.0.0.1", "00000000:03E8"),
        ("127.0.0.1", "00000000000000000000000000000000:03E8"),
        ("127.0.0.1", "0000000000000000FFFF00000100007F:03E8"),
        ("::1", "00000000000000000000000001000000:03E8"), ("::1", "00000000000000000000000000000000:03E8"),
    ])
    func `who listens where connections to the address arrive is an owner`(address: String, local: String) {
        #expect(owners(1000, line(local, uid: 1234), of: address) == [1234])
    }

    @Test func `a listener on the other loopback address is no owner`() {
        #expect(owners(1000, line("00000000000000000000000001000000:03E8")).isEmpty)
        #expect(owners(1000, line("0100007F:03E8"), line("00000000:03E8"), of: "::1").isEmpty)
    }

    @Test func `every listener of the port is an owner`() {
        #expect(
            owners(
                39300,
                line("0100007F:9984", uid: 0),
                line("0100007F:9985", uid: 7),
                line("00000000:9984", uid: 4_294_967_294)
            ) == [0, 4_294_967_294]
        )
    }

    @Test func `a connection is no listener`() {
        #expect(owners(1000, line("0100007F:03E8", state: "01"), line("0100007F:03E8", state: "06")).isEmpty)
    }

    @Test func `another address is another listener`() {
        #expect(owners(1000, line("0101A8C0:03E8"), line("0200007F:03E8")).isEmpty)
    }

    @Test func `the port is compared as a number, not as text`() {
        #expect(owners(0x3E8, line("0100007F:13E8")).isEmpty)
        #expect(owners(0x3E8, line("0100007F:3E80")).isEmpty)
        #expect(owners(0xFFFF, line("0100007F:FFFF", uid: 5)) == [5])
    }

    @Test(arguments: [
        "", "\n", "x", "a b c 0A", "   0: 0100007F:03E8 00000000:0000 0A",
        "   0: 0100007F 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 1\n",
        "   0: 0100007F:ZZZZ 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 1\n",
        "   0: 0100007F:03E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000 -1 0 1\n",
        "   0: 0100007F:03E8:1 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 1\n",
    ])
    func `a line that cannot be read names nobody`(text: String) {
        #expect(owners(1000, text).isEmpty)
        #expect(owners(1000, text, "\n" + line("0100007F:03E8", uid: 3)) == [3])
    }

    @Test func `the first line is the heading, whatever it says`() {
        #expect(ListenerOwner.owners(address: "127.0.0.1", port: 1000, table: line("0100007F:03E8")).isEmpty)
        #expect(ListenerOwner.owners(address: "127.0.0.1", port: 1000, table: "").isEmpty)
    }

    @Test func `of a long table only the listeners are read, and all of them`() throws {
        try withTemporaryDirectory { directory in
            let path = "\(directory)/tcp"
            let listeners = Self.head + (1...1_000).map { line("0100007F:03E8", uid: $0) }.joined()
            let others = String(repeating: line("0100007F:03E8", state: "06"), count: 10_000)
            try write(listeners + others, to: path)
            let part = ListenerOwner.listeners(path)
            #expect(ListenerOwner.owners(address: "127.0.0.1", port: 1000, table: part) == Array(1...1_000))
            #expect(part.utf8.count < listeners.utf8.count + 64 * 1024)
            #expect(ListenerOwner.listeners("\(directory)/none").isEmpty)
        }
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        fputs(text, file)
    }

    @Test func `a listener of our own is trusted, a port without one is not`() throws {
        let (socket, port) = try RawSocket.boundToLoopback()
        #expect(!ListenerOwner.isTrusted(address: "127.0.0.1", port: port))
        try socket.startListening()
        #expect(ListenerOwner.isTrusted(address: "127.0.0.1", port: port))
        socket.close()
        #expect(!ListenerOwner.isTrusted(address: "127.0.0.1", port: port))
    }
}
