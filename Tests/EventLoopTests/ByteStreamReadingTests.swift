import EventLoopTesting
import Testing

@testable import EventLoop

struct ByteStreamReadingTests {
    /// A stream on the loop that records, and the socket at the other end.
    private func withStream(_ test: (Loop, ByteStream, RawSocket, Recorder) throws -> Void) throws {
        try withLoop { loop in
            let (own, peer) = try RawSocket.pair()
            let stream = try ByteStream(loop: loop, adopting: own.release())
            defer { stream.close() }
            try test(loop, stream, peer, Recorder())
        }
    }

    @Test func `what the peer writes arrives in order`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            try peer.write("one ")
            try loop.run(until: { recorder.text == "one " })
            try peer.write("two ")
            try peer.write("three")
            try loop.run(until: { recorder.received.count == 13 })
            #expect(recorder.text == "one two three")
            #expect(recorder.ends.isEmpty)
        }
    }

    @Test func `more than one read's worth arrives whole`() throws {
        try withLoop { loop in
            let (own, other) = try RawSocket.pair()
            let reader = try ByteStream(loop: loop, adopting: own.release())
            let writer = try ByteStream(loop: loop, adopting: other.release())
            let bytes = (0..<3 * Loop.readSize + 17).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            let recorder = Recorder()
            try reader.startReading(recorder.events())
            try writer.write(bytes)
            try loop.run(until: { recorder.received.count >= bytes.count })
            #expect(recorder.received == bytes)
            #expect(writer.queuedByteCount == 0)
            reader.close()
            writer.close()
        }
    }

    @Test func `one turn brings no more than one read, so that others have their turn`() throws {
        try withStream { loop, stream, peer, recorder in
            stream.readSize = 100
            try stream.startReading(recorder.events())
            try peer.write(String(repeating: "x", count: 1_050))
            for turn in 1...10 {
                while recorder.received.count < 100 * turn { loop.runOnce() }
                #expect(recorder.received.count == 100 * turn)
            }
            try loop.run(until: { recorder.received.count == 1_050 })
        }
    }

    @Test func `a stream that stops receiving gets all that had been sent, and sending more fails`() throws {
        try withStream { loop, stream, peer, recorder in
            stream.readSize = 100
            try stream.startReading(recorder.events())
            try peer.write(String(repeating: "x", count: 1_050))
            stream.stopReceiving()
            #expect(recorder.received.count == 1_050)
            #expect(throws: SystemError.self) { try peer.write("y") }
            try stream.write(Array("answer".utf8))
            #expect(peer.readAvailable() == Array("answer".utf8))
            stream.stopReceiving()
            try loop.settle()
            #expect(recorder.received.count == 1_050)
            #expect(recorder.ends.isEmpty)
        }
    }

    @Test func `a stream is quiet as long as nothing waits to be received, not even the end`() throws {
        try withStream { loop, stream, peer, recorder in
            #expect(stream.isQuiet)
            try peer.write("x")
            #expect(!stream.isQuiet)
            try stream.startReading(recorder.events())
            try loop.run(until: { recorder.text == "x" })
            #expect(stream.isQuiet)
            peer.close()
            #expect(!stream.isQuiet)
            stream.close()
            #expect(!stream.isQuiet)
        }
    }

    @Test func `a paused stream leaves what arrives in the socket`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            stream.pauseReading()
            stream.pauseReading()
            try peer.write("later")
            try loop.settle()
            #expect(recorder.received.isEmpty)
            try stream.resumeReading()
            try stream.resumeReading()
            try loop.run(until: { recorder.text == "later" })
        }
    }

    @Test func `pausing inside the callback holds back the next read`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events(onReceive: { stream.pauseReading() }))
            try peer.write("first")
            try loop.run(until: { recorder.text == "first" })
            try peer.write("second")
            try loop.settle()
            #expect(recorder.text == "first")
            try stream.resumeReading()
            try loop.run(until: { recorder.text == "firstsecond" })
        }
    }

    @Test func `the end of file comes once, after everything before it`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            try peer.write("last words")
            peer.close()
            try loop.run(until: { !recorder.ends.isEmpty })
            #expect(recorder.text == "last words")
            try stream.resumeReading()
            try loop.settle()
            #expect(recorder.ends == [nil])
        }
    }

    @Test func `after the peer's end of file there can still be writing`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            peer.shutDownWriting()
            try loop.run(until: { recorder.ends == [nil] })
            try stream.write(Array("reply".utf8))
            #expect(peer.readAvailable() == Array("reply".utf8))
        }
    }

    @Test func `a reset is an end with an error`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events())
            // A Unix socket that is closed with bytes unread resets its peer.
            try stream.write(Array("never read".utf8))
            peer.close()
            try loop.run(until: { !recorder.ends.isEmpty })
            #expect(recorder.ends == [.connectionReset])
        }
    }

    @Test func `closing inside the callback of a read ends all events`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events(onReceive: { stream.close() }))
            try peer.write("bytes")
            try loop.run(until: { peer.isAtEnd })
            #expect(recorder.text == "bytes")
            #expect(recorder.ends.isEmpty)
            #expect(stream.isClosed)
        }
    }

    @Test func `closing inside the callback of the end is safe`() throws {
        try withStream { loop, stream, peer, recorder in
            try stream.startReading(recorder.events(onEnd: { stream.close() }))
            peer.close()
            try loop.run(until: { stream.isClosed })
            #expect(recorder.ends == [nil])
        }
    }

    @Test func `a stream can be closed twice, and does nothing afterwards`() throws {
        try withStream { loop, stream, _, recorder in
            stream.close()
            stream.close()
            #expect(stream.isClosed)
            #expect(stream.queuedByteCount == 0)
            stream.pauseReading()
            #expect(throws: LoopError.cancelled) { try stream.write([1]) }
            #expect(throws: LoopError.cancelled) { try stream.startReading(recorder.events()) }
            #expect(throws: LoopError.cancelled) { try stream.descriptor() }
            try loop.settle()
            #expect(recorder.ends.isEmpty)
        }
    }

    @Test func `a stream holds its events no longer than until it is closed`() throws {
        try withStream { loop, stream, _, _ in
            weak var held: Recorder?
            do {
                let recorder = Recorder()
                held = recorder
                try stream.startReading(recorder.events())
            }
            #expect(held != nil)
            stream.close()
            #expect(held == nil)
        }
    }

    @Test func `a descriptor that is none is refused, and nothing stays open`() throws {
        try withLoop { loop in
            #expect(throws: LoopError.system(9)) { try ByteStream(loop: loop, adopting: 1_000_000) }
        }
    }

    @Test func `a stream knows its descriptor`() throws {
        try withLoop { loop in
            let (own, peer) = try RawSocket.pair()
            let descriptor = own.release()
            let stream = try ByteStream(loop: loop, adopting: descriptor)
            #expect(try stream.descriptor() == descriptor)
            stream.close()
            try loop.run(until: { peer.isAtEnd })
        }
    }
}
