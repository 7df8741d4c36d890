import Bytes
import EventLoopTesting
import Testing

@testable import EventLoop

/// Writes whose bytes are in part shared.
struct ByteStreamPiecesTests {
    private static let size = 300_000

    private func shared(_ seed: Int) -> SharedBytes {
        (0..<Self.size).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 7 >> 2) }.withUnsafeBytes {
            SharedBytes(copying: $0)
        }
    }

    /// Lends so many streams, and the sockets at their other ends.
    private func withStreams(_ count: Int, _ test: (Loop, [ByteStream], [RawSocket], HeldBytes) throws -> Void) throws {
        try withLoop { loop in
            let held = HeldBytes()
            var streams: [ByteStream] = []
            var peers: [RawSocket] = []
            defer { for stream in streams { stream.close() } }
            for _ in 0..<count {
                let (own, peer) = try RawSocket.pair()
                let stream = try ByteStream(loop: loop, adopting: own.release())
                stream.queuedTogether = held
                streams.append(stream)
                peers.append(peer)
                try stream.startReading(Recorder().events())
            }
            try test(loop, streams, peers, held)
        }
    }

    private func write(_ owners: [SharedBytes], to stream: ByteStream, lent: [UInt8] = []) throws -> [UInt8] {
        var outgoing = OutgoingBytes()
        for owner in owners {
            outgoing.own += Array("head".utf8)
            outgoing.append(owner.bytes, of: owner)
        }
        outgoing.own += Array("tail".utf8)
        try lent.withUnsafeBytes { try stream.write(outgoing, $0) }
        return outgoing.joined + lent
    }

    private func read(_ count: Int, from peer: RawSocket, _ loop: Loop) throws -> [UInt8] {
        var arrived: [UInt8] = []
        try loop.run(until: {
            arrived += peer.readAvailable()
            return arrived.count >= count
        })
        return arrived
    }

    @Test func `own bytes, pieces and what is lent arrive in their order, wherever the socket is full`() throws {
        try withStreams(1) { loop, streams, peers, _ in
            for count in 0...4 {
                let lent = [UInt8](repeating: 9, count: 200_000)
                var written = try write((0..<count).map(shared), to: streams[0], lent: lent)
                written += try write([shared(5)], to: streams[0])
                let isWhole = try read(written.count, from: peers[0], loop) == written
                #expect(isWhole, "\(count) pieces")
                #expect(streams[0].queuedByteCount == 0)
            }
        }
    }

    @Test func `a piece is held, not copied, until it has left`() throws {
        try withStreams(1) { loop, streams, peers, held in
            weak var watched: SharedBytes?
            var written: [UInt8] = []
            do {
                let owner = shared(1)
                watched = owner
                // The first fills the socket.
                written = try write([shared(2), owner], to: streams[0])
                #expect(held.count < 2 * Self.size + 100)
                #expect(held.count > 2 * Self.size)
            }
            #expect(watched != nil)
            _ = try read(written.count, from: peers[0], loop)
            try loop.run(until: { watched == nil })
            #expect(held.count == 0)
            #expect(streams[0].heldByteCount == 0)
        }
    }

    @Test func `what many streams have queued counts once, and each stream has a share`() throws {
        try withStreams(3) { loop, streams, peers, held in
            let owner = shared(1)
            var written = 0
            for stream in streams { written = try write([owner, owner], to: stream).count }
            #expect(owner.bytes.count...owner.bytes.count + 3 * 12 ~= held.count)
            #expect(streams[0].heldByteCount > streams[1].heldByteCount)
            #expect(streams[2].heldByteCount > 0)
            for (index, peer) in peers.enumerated() {
                _ = try read(written, from: peer, loop)
                try loop.run(until: { streams[index].heldByteCount == 0 })
                #expect((held.count >= owner.bytes.count) == (index < 2))
            }
            #expect(held.count == 0)
        }
    }

    @Test func `what a stream had queued no longer counts once it is written off, and goes when it closes`() throws {
        try withStreams(2) { loop, streams, peers, held in
            let owner = shared(1)
            let own = [UInt8](repeating: 1, count: 500_000)
            for stream in streams { _ = try write([owner], to: stream, lent: own) }
            let all = held.count
            streams[0].writeOff()
            #expect(streams[0].heldByteCount == 0)
            #expect(held.count == all)
            #expect(500_000...500_100 ~= all - held.staying)
            streams[1].writeOff()
            #expect(held.staying == 0)
            for stream in streams { stream.close() }
            try loop.settle()
            #expect(held.count == 0)
            #expect(held.leaving == 0)
        }
    }
}
