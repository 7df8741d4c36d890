import Glibc
import Testing

@testable import PiecesOS

struct ListenersTests {
    private func users(_ address: String, _ lines: String...) -> [UInt32] {
        var listeners = Listeners()
        for line in lines {
            if let read = Array(line.utf8).withUnsafeBytes({ SocketLine($0) }) { listeners.add(read) }
        }
        return listeners.users(serving: address, port: 1000)
    }

    @Test(arguments: [
        ("127.0.0.1", "0100007F:03E8"), ("127.0.0.1", "00000000:03E8"),
        ("127.0.0.1", "00000000000000000000000000000000:03E8"),
        ("127.0.0.1", "0000000000000000FFFF00000100007F:03E8"),
        ("::1", "00000000000000000000000001000000:03E8"), ("::1", "00000000000000000000000000000000:03E8"),
    ])
    func `who listens where connections to the address arrive serves it`(address: String, local: String) {
        #expect(users(address, SocketText.line(local, user: 1234)) == [1234])
    }

    @Test func `another address or port is another listener, and a connection is none`() {
        for local in ["00000000000000000000000001000000:03E8", "0101A8C0:03E8", "0200007F:03E8", "0100007F:03E9"] {
            #expect(users("127.0.0.1", SocketText.line(local)).isEmpty)
        }
        for local in ["0100007F:03E8", "00000000:03E8", "0000000000000000FFFF00000100007F:03E8"] {
            #expect(users("::1", SocketText.line(local)).isEmpty)
        }
        #expect(users("127.0.0.1", SocketText.line("0100007F:03E8", state: "01")).isEmpty)
        #expect(users("127.0.0.2", SocketText.line("0200007F:03E8")).isEmpty)
    }

    @Test func `every listener counts`() {
        let lines = (0..<2).map { SocketText.line("0100007F:03E8", user: $0) }
        #expect(users("127.0.0.1", SocketText.line("00000000:03E8", user: 7), lines[0], lines[1]) == [0, 1, 7])
    }

    @Test func `we and root are trusted`() {
        #expect(Listeners.trust(geteuid()))
        #expect(Listeners.trust(0))
        #expect(!Listeners.trust(geteuid() + 1))
    }
}
