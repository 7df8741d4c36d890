import Bytes
import EventLoop
import EventLoopTesting
import HTTP
import Testing

@testable import PiecesOS

/// What a request is on the wire, and in memory until it is there.
struct HTTPRequestWritingTests {
    private func withStream(_ test: (Loop, ByteStream, RawSocket) throws -> Void) throws {
        try withLoop { loop in
            let (own, peer) = try RawSocket.pair()
            let stream = try ByteStream(loop: loop, adopting: own.release())
            defer { stream.close() }
            try stream.startReading(.init(received: { _ in }, ended: { _ in }))
            try test(loop, stream, peer)
        }
    }

    private func body(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 >> 2) } }

    private func write(_ request: HTTPRequest, to stream: ByteStream) throws {
        var head = ByteBuffer(capacity: 0)
        let common = HTTPRequest.lines(for: Array("h".utf8))
        try request.write(to: stream, common: common, ForwardedHeaders(), &head)
    }

    @Test(arguments: [0, 1, 4_095, 4_096, 2_000_000])
    func `the body comes behind the head, however much the socket takes`(count: Int) throws {
        try withStream { loop, stream, peer in
            let body = body(count)
            try write(.create(body), to: stream)
            try write(.unload, to: stream)
            let last = Array("Content-Length: 0\r\n\r\n".utf8)
            var arrived: [UInt8] = []
            try loop.run(until: {
                arrived += peer.readAvailable()
                return arrived.ends(with: last)
            })
            let head = Array("Content-Length: \(count)\r\n\r\n".utf8)
            let next = Array("POST /models/unload HTTP/1.1\r\n".utf8)
            let start = try #require(arrived.indices.first { arrived[$0...].starts(with: head) }) + head.count
            let isBehind = arrived[start...].starts(with: body + next)
            #expect(isBehind)
        }
    }

    @Test func `a body that is not read waits where it is, and goes when it is written`() throws {
        try withStream { loop, stream, peer in
            let held = HeldBytes()
            stream.queuedTogether = held
            weak var watched: SharedBytes?
            do {
                let request = HTTPRequest.create(body(2_000_000))
                let body = try #require(request.body)
                watched = body
                try write(request, to: stream)
                #expect(held.count == 2_000_000)
                // The stream waits with it already.
                _ = held.hold(body)
                #expect(held.count == 2_000_000)
                held.release(body)
            }
            #expect(watched != nil)
            try loop.run(until: {
                _ = peer.readAvailable()
                return watched == nil
            })
            #expect(held.count == 0)
        }
    }
}

extension [UInt8] {
    fileprivate func ends(with end: [UInt8]) -> Bool { suffix(end.count).elementsEqual(end) }
}
