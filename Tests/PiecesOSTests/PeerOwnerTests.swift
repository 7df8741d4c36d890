import Glibc
import Testing

@testable import PiecesOS

/// 127.0.0.1:1000 is at the other end of a connection from port 57380.
struct PeerOwnerTests {
    private static let peer = "0100007F:03E8"
    private static let ours = "0100007F:E024"
    private static let mapped = "0000000000000000FFFF0000"
    private static let everyAddress6 = String(repeating: "0", count: 32)
    private static let stranger: UInt32 = geteuid() + 1234
    private static let own = geteuid()

    private func verdict(_ lines: String..., address: String = "127.0.0.1") -> PeerOwner.Verdict {
        var owner = PeerOwner(address: address, port: 0x3E8, ownPort: 0xE024)
        for line in lines {
            guard let read = Array(line.utf8).withUnsafeBytes({ SocketLine($0) }) else { continue }
            if !owner.take(read) { break }
        }
        return owner.verdict
    }

    private func listener(_ local: String = peer, _ user: UInt32 = own) -> String {
        SocketText.line(local, user: user)
    }

    private func connection(
        _ local: String = peer,
        _ remote: String = ours,
        _ user: UInt32 = own,
        state: String = "01",
        inode: UInt64 = 7
    ) -> String {
        SocketText.line(local, remote, state: state, user: user, inode: inode)
    }

    // MARK: - Accepted

    @Test(arguments: [0, own])
    func `a connection that we or root have accepted is trusted`(user: UInt32) {
        #expect(verdict(connection(Self.peer, Self.ours, user)) == .trusted)
        #expect(verdict(listener(Self.peer, user), connection(Self.peer, Self.ours, user)) == .trusted)
    }

    @Test func `one that another user has accepted is not, whoever listens now`() {
        let accepted = connection(Self.peer, Self.ours, Self.stranger)
        #expect(verdict(accepted) == .distrusted(user: Self.stranger))
        #expect(verdict(listener(), accepted) == .distrusted(user: Self.stranger))
    }

    @Test func `one from the listener of another user is not, whoever accepts`() {
        #expect(verdict(listener(Self.peer, Self.stranger), connection()) == .distrusted(user: Self.stranger))
    }

    // MARK: - Not accepted yet

    @Test(arguments: [0, stranger])
    func `one that nobody has accepted yet is its listener's, whatever the kernel says of it`(said: UInt32) {
        for state in ["01", "03", "08"] {
            let waiting = connection(Self.peer, Self.ours, said, state: state, inode: 0)
            #expect(verdict(listener(), waiting) == .trusted)
            #expect(verdict(listener(Self.peer, Self.stranger), waiting) == .distrusted(user: Self.stranger))
            #expect(verdict(listener("00000000:03E8", Self.stranger), waiting) == .distrusted(user: Self.stranger))
            #expect(verdict(waiting) == .unknown)
        }
    }

    @Test func `one of several listeners is enough to distrust it`() {
        let waiting = connection(inode: 0)
        #expect(verdict(listener(), listener(Self.peer, Self.stranger), waiting) == .distrusted(user: Self.stranger))
    }

    @Test(arguments: ["04", "05", "06", "07"])
    func `one that is closed has no owner any more`(state: String) {
        #expect(verdict(listener(), connection(Self.peer, Self.ours, 0, state: state, inode: 0)) == .unknown)
    }

    // MARK: - Which connection, which listener

    @Test func `our own end, and connections of others, are not looked at`() {
        #expect(verdict(listener(), connection(Self.ours, Self.peer)) == .unknown)
        #expect(verdict(listener(), connection(Self.peer, "0100007F:E025")) == .unknown)
        #expect(verdict(listener(), connection("0100007F:03E9", Self.ours)) == .unknown)
        #expect(verdict(listener(), connection("0200007F:03E8", Self.ours)) == .unknown)
        #expect(verdict(listener(), connection(Self.peer, "0200007F:E024")) == .unknown)
        #expect(verdict(listener()) == .unknown)
    }

    @Test func `a listener for IPv6 that takes IPv4 too has its connections in its own table`() {
        let waiting = connection(Self.mapped + Self.peer, Self.mapped + Self.ours, inode: 0)
        #expect(verdict(listener("\(Self.everyAddress6):03E8"), waiting) == .trusted)
        let stranger = listener("\(Self.everyAddress6):03E8", Self.stranger)
        #expect(verdict(stranger, waiting) == .distrusted(user: Self.stranger))
        #expect(verdict(listener(), waiting) == .unknown)
    }

    @Test func `a listener that cannot have taken the connection does not matter`() {
        let others = ["\(Self.everyAddress6):03E8", "0200007F:03E8", "0100007F:03E9", "0101A8C0:03E8"]
        for other in others {
            #expect(verdict(listener(), listener(other, Self.stranger), connection(inode: 0)) == .trusted)
        }
    }

    @Test func `the address of IPv6 is another`() {
        let loopback = "00000000000000000000000001000000"
        let waiting = connection("\(loopback):03E8", "\(loopback):E024", inode: 0)
        #expect(verdict(listener("\(loopback):03E8"), waiting, address: "::1") == .trusted)
        #expect(verdict(listener("\(Self.everyAddress6):03E8"), waiting, address: "::1") == .trusted)
        #expect(verdict(listener("\(loopback):03E8"), waiting) == .unknown)
        #expect(verdict(listener(), connection(inode: 0), address: "::1") == .unknown)
    }
}
