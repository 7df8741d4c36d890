import Bytes
import EventLoop
import Testing

@testable import Gateway

struct OutboxTests {
    private let transport = FakeTransport()
    private let host = FakeHost()
    private let clock = FakeClock()

    private func outbox(limit: Int) -> Outbox {
        var limits = Limits()
        limits.unreadBytes = limit
        return Outbox(transport, host: host, clock: clock, limits: limits)
    }

    private func outgoing(_ bytes: [UInt8]) -> OutgoingBytes {
        var outgoing = OutgoingBytes()
        outgoing.own += bytes
        return outgoing
    }

    private func send(_ count: Int, _ outbox: Outbox) -> Outbox.Fault? {
        outbox.send(outgoing([UInt8](repeating: 1, count: count)))
    }

    @Test func `frames go out in front of the payload`() {
        let outbox = outbox(limit: 100)
        let payload: [UInt8] = [3, 4]
        #expect(payload.withUnsafeBytes { outbox.send(outgoing([1, 2]), $0) } == nil)
        #expect(transport.sent == [1, 2, 3, 4])
    }

    @Test func `a client may leave as much unread as is allowed, and not a byte more`() {
        let outbox = outbox(limit: 100)
        transport.room = 50
        #expect(send(150, outbox) == nil)
        #expect(outbox.queuedByteCount == 100)
        #expect(outbox.unreadByteCount == 100)
        #expect(send(1, outbox) == .unread)
        #expect(outbox.isBroken)
        #expect(outbox.unreadByteCount == 0)
        #expect(outbox.unreadWeight == 0)
        #expect(send(1, outbox) == nil)
        #expect(transport.writes.count == 1)
    }

    @Test(arguments: [(0, 100), (1_000, 100), (1_050, 80), (1_100, 30), (2_000, 30)])
    func `of all together, no more may be over their limit than one may leave`(unread: Int, queueLimit: Int) {
        let outbox = outbox(limit: 100)
        transport.room = 0
        #expect(send(30, outbox) == nil)
        host.unreadLimit = 1_000
        host.unread.add(unread)
        #expect(send(0, outbox) == nil)
        #expect(transport.writes.last?.queueLimit == queueLimit)
    }

    @Test func `a socket that fails is another fault than a client that does not read`() {
        let outbox = outbox(limit: 100)
        transport.error = .connectionRefused
        #expect(send(1, outbox) == .socket)
        #expect(outbox.isBroken)
    }

    @Test func `what is unread weighs more the longer there has been something`() {
        let outbox = outbox(limit: 100)
        transport.room = 0
        #expect(send(50, outbox) == nil)
        clock.now += 9
        #expect(outbox.unreadWeight == 500)
        transport.take(50)
        #expect(send(20, outbox) == nil)
        #expect(outbox.unreadWeight == 20)
    }
}
