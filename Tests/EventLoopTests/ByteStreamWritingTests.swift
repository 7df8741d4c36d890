import Bytes
import EventLoopTesting
import Testing

@testable import EventLoop

struct ByteStreamWritingTests {
    /// More than a socket takes while nobody reads at its other end.
    private static let tooMuch = (0..<1024 * 1024).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) }

    private func outgoing(_ bytes: [UInt8]) -> OutgoingBytes {
        var outgoing = OutgoingBytes()
        outgoing.own += bytes
        return outgoing
    }

    private func withStream(_ test: (Loop, ByteStream, RawSocket, Recorder) throws -> Void) throws {
        try withLoop { loop in
            let (own, peer) = try RawSocket.pair()
            let stream = try ByteStream(loop: loop, adopting: own.release())
            defer { stream.close() }
            try test(loop, stream, peer, Recorder())
        }
    }

    @Test func `what the socket takes at once is not queued`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            try stream.write(Array("at once".utf8))
            #expect(stream.queuedByteCount == 0)
            #expect(peer.readAvailable() == Array("at once".utf8))
            try loop.settle()
            #expect(recorder.drains == 0)
        }
    }

    @Test func `writing nothing writes nothing`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            try stream.write([])
            try loop.settle()
            #expect(stream.queuedByteCount == 0)
            #expect(peer.readAvailable().isEmpty)
        }
    }

    @Test func `what a peer does not read is queued, and leaves in order when it does`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            try stream.write(Self.tooMuch)
            let queued = stream.queuedByteCount
            #expect(queued > 0)
            #expect(queued < Self.tooMuch.count)
            try stream.write(Array("behind it".utf8))
            #expect(stream.queuedByteCount == queued + 9)
            try loop.settle()
            #expect(recorder.drains == 0)

            var arrived: [UInt8] = []
            try loop.run(until: {
                arrived += peer.readAvailable()
                return recorder.drains > 0
            })
            arrived += peer.readAvailable()
            #expect(arrived == Self.tooMuch + Array("behind it".utf8))
            #expect(stream.queuedByteCount == 0)
        }
    }

    @Test func `no more is queued than may be`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            try stream.write(Self.tooMuch)
            let queued = stream.queuedByteCount
            try stream.write(outgoing([1, 2]), queueLimit: queued + 2)
            #expect(stream.queuedByteCount == queued + 2)
            #expect(throws: LoopError.noBufferSpace) { try stream.write(outgoing([3]), queueLimit: queued + 2) }
            #expect(stream.queuedByteCount == queued + 2)
        }
    }

    @Test func `what the socket takes counts for nothing in the limit of the queue`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.write(outgoing([1, 2, 3]), queueLimit: 0)
            #expect(peer.readAvailable() == [1, 2, 3])
            #expect(throws: LoopError.noBufferSpace) { try stream.write(outgoing(Self.tooMuch), queueLimit: 0) }
            #expect(stream.queuedByteCount == 0)
        }
    }

    @Test func `writes that leave together drain the stream once`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            try stream.write(Self.tooMuch)
            for _ in 0..<5 { try stream.write(Array("behind it".utf8)) }
            let total = Self.tooMuch.count + 5 * 9
            var count = 0
            try loop.run(until: {
                count += peer.readAvailable().count
                return count == total
            })
            try loop.settle()
            #expect(recorder.drains == 1)
        }
    }

    @Test func `what a peer said before it went away is read although writing to it fails`() throws {
        try withStream { loop, stream, peer, recorder in
            // The peer goes away between the loop's reading and its writing, both of which were possible.
            try stream.startReading(
                recorder.events(onReceive: {
                    guard recorder.text == "first" else { return }
                    try? peer.write(" last")
                    peer.close()
                })
            )
            try stream.write(Self.tooMuch)
            #expect(stream.queuedByteCount > 0)
            #expect(!peer.readAvailable().isEmpty)
            try peer.write("first")
            try loop.run(until: { !recorder.ends.isEmpty })
            #expect(recorder.text == "first last")
            #expect(recorder.ends == [.brokenPipe] || recorder.ends == [.connectionReset])
        }
    }

    @Test func `queued bytes are copied, not borrowed`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.tooMuch.count, alignment: 1)
            defer { bytes.deallocate() }
            bytes.copyBytes(from: Self.tooMuch)
            try stream.write(outgoing([]), UnsafeRawBufferPointer(bytes))
            bytes.initializeMemory(as: UInt8.self, repeating: 0xFF)

            var arrived: [UInt8] = []
            try loop.run(until: {
                arrived += peer.readAvailable()
                return arrived.count == bytes.count
            })
            #expect(arrived == Self.tooMuch)
        }
    }

    @Test func `closing drops what is queued, without an event`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            try stream.write(Self.tooMuch)
            try stream.write(Self.tooMuch)
            stream.close()
            try loop.settle()
            #expect(recorder.drains == 0)
            #expect(recorder.ends.isEmpty)
            #expect(peer.readAvailable().count < Self.tooMuch.count)
            #expect(peer.isAtEnd)
        }
    }

    @Test func `a peer that goes away with bytes queued for it ends the stream, once`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            stream.pauseReading()
            try stream.write(Self.tooMuch)
            try stream.write(Self.tooMuch)
            peer.close()
            try loop.run(until: { !recorder.ends.isEmpty })
            try loop.settle()
            #expect(recorder.ends.count == 1)
            #expect(recorder.ends == [.brokenPipe] || recorder.ends == [.connectionReset])
            #expect(recorder.drains == 0)
        }
    }

    @Test func `writing to a peer that has gone is an error, not a signal`() throws {
        try withStream { loop, stream, peer, recorder in
            peer.close()
            #expect(throws: LoopError.brokenPipe) { try stream.write([1]) }
        }
    }

    @Test func `closing when everything is written is safe inside the event`() throws {
        try withLoop { loop in
            let (own, peer) = try RawSocket.pair()
            let stream = try ByteStream(loop: loop, adopting: own.release())
            try stream.startReading(.init(received: { _ in }, ended: { _ in }, drained: { stream.close() }))
            try stream.write(Self.tooMuch)
            var count = 0
            try loop.run(until: {
                count += peer.readAvailable().count
                return stream.isClosed
            })
            count += peer.readAvailable().count
            #expect(count == Self.tooMuch.count)
        }
    }
}
