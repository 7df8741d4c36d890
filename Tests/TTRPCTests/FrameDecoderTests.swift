import Testing

@testable import TTRPC

struct FrameDecoderTests {
    @Test(arguments: GoldenFrame.all.indices)
    func `a frame is the same whole, byte by byte and cut in two anywhere`(index: Int) {
        let golden = GoldenFrame.all[index]
        var decoder = FrameDecoder()
        #expect(decoder.receive(golden.bytes) == [golden.received])
        #expect(decoder.receive(golden.bytes, inReadsOf: 1) == [golden.received])
        for cut in 1..<golden.bytes.count {
            #expect(decoder.receive(golden.bytes[..<cut]) == [])
            #expect(decoder.isMidFrame == true)
            #expect(decoder.receive(golden.bytes[cut...]) == [golden.received])
            #expect(decoder.isMidFrame == false)
        }
    }

    @Test func `frames that come together are told apart, however the reads cut them`() {
        let bytes = GoldenFrame.all.flatMap(\.bytes)
        let expected = GoldenFrame.all.map(\.received)
        var decoder = FrameDecoder()
        for size in 1...bytes.count {
            #expect(decoder.receive(bytes, inReadsOf: size) == expected)
        }
        for cut in 1..<bytes.count {
            let first = decoder.receive(bytes[..<cut])
            #expect(first + decoder.receive(bytes[cut...]) == expected)
        }
    }

    @Test func `data that came in one read is lent, not copied`() throws {
        var decoder = FrameDecoder()
        let golden = GoldenFrame.fullRequest
        try golden.bytes.withUnsafeBytes { bytes in
            var unread = bytes
            try expectLent(decoder.next(&unread), from: bytes)

            var header = UnsafeRawBufferPointer(rebasing: bytes[..<FrameHeader.byteCount])
            #expect(decoder.next(&header) == nil)
            var data = UnsafeRawBufferPointer(rebasing: bytes[FrameHeader.byteCount...])
            try expectLent(decoder.next(&data), from: bytes)
        }
    }

    private func expectLent(_ event: FrameDecoder.Event?, from bytes: UnsafeRawBufferPointer) throws {
        guard case .frame(_, let data) = try #require(event) else {
            Issue.record("no frame")
            return
        }
        #expect(data.baseAddress == bytes.baseAddress?.advanced(by: FrameHeader.byteCount))
    }

    @Test func `who stops asking leaves the rest untouched`() {
        var decoder = FrameDecoder()
        let bytes = GoldenFrame.response.bytes + GoldenFrame.data.bytes
        bytes.withUnsafeBytes { bytes in
            var unread = bytes
            let event = decoder.next(&unread)
            #expect(event.map(Received.init) == GoldenFrame.response.received)
            #expect(Array(unread) == GoldenFrame.data.bytes)
        }
    }

    @Test(arguments: [[0x50], [0x01], Array("PRI * HTTP/2.0\r\n".utf8), [0xFF, 0, 0, 0]] as [[UInt8]])
    func `a first byte that is not 0 is another protocol, at once`(bytes: [UInt8]) {
        var decoder = FrameDecoder()
        #expect(decoder.receive(bytes) == [.notTTRPC])
        #expect(decoder.receive(GoldenFrame.data.bytes + bytes) == [GoldenFrame.data.received, .notTTRPC])
    }

    @Test func `data may begin with any byte`() {
        var decoder = FrameDecoder()
        let bytes = wire("00 00 00 01  00 00 00 01  01 00  50")
        let header = FrameHeader(length: 1, streamID: 1, type: .request)
        #expect(decoder.receive(bytes, inReadsOf: FrameHeader.byteCount) == [.frame(header, [0x50])])
    }

    @Test func `4 MiB of data fit`() {
        let data = [UInt8](repeating: 0x5A, count: FrameHeader.maximumLength)
        let bytes = wire("00 40 00 00  00 00 00 01  01 00") + data
        let header = FrameHeader(length: data.count, streamID: 1, type: .request)
        for size in [bytes.count, 65_536, 4_093] {
            var decoder = FrameDecoder()
            #expect(decoder.receive(bytes, inReadsOf: size) == [.frame(header, data)])
            #expect(decoder.gathered.capacity == 0, "a large frame's memory is given back")
        }
    }

    @Test(arguments: [0x40_0001, 0xFF_FFFF])
    func `an oversize frame is reported once and skipped without being kept`(length: Int) {
        let header = FrameHeader(length: length, streamID: 9, type: .data, flags: .remoteClosed)
        var bytes = [UInt8](repeating: 0, count: FrameHeader.byteCount)
        bytes.withUnsafeMutableBytes { header.encode(into: $0) }
        let chunk = [UInt8](repeating: 0x5A, count: 65_536)

        var decoder = FrameDecoder()
        #expect(decoder.receive(bytes, inReadsOf: 1) == [.oversize(header)])
        for start in stride(from: 0, to: length, by: chunk.count) {
            #expect(decoder.isMidFrame == true)
            #expect(decoder.receive(chunk.prefix(length - start)) == [])
            #expect(decoder.gathered.capacity == 0)
        }
        #expect(decoder.isMidFrame == false)
        #expect(decoder.receive(GoldenFrame.unaryRequest.bytes) == [GoldenFrame.unaryRequest.received])
    }

    @Test func `a frame behind an oversize one is found in the same read`() {
        let header = FrameHeader(length: 0x40_0001, streamID: 1, type: .request)
        let filler = [UInt8](repeating: 1, count: header.length)
        let bytes = wire("00 40 00 01  00 00 00 01  01 00") + filler + GoldenFrame.data.bytes
        var decoder = FrameDecoder()
        #expect(decoder.receive(bytes) == [.oversize(header), GoldenFrame.data.received])
        #expect(decoder.receive(bytes, inReadsOf: 4_099) == [.oversize(header), GoldenFrame.data.received])
    }

    @Test func `a claimed length costs nothing until the bytes are there`() {
        var decoder = FrameDecoder()
        #expect(decoder.receive(wire("00 40 00 00  00 00 00 01  01 00")) == [])
        #expect(decoder.gathered.capacity == 0)
        #expect(decoder.receive([UInt8](repeating: 0, count: 100)) == [])
        #expect(decoder.gathered.capacity == GatheringBuffer.keptCapacity)
    }

    @Test func `a whole frame leaves no frame half done`() {
        var decoder = FrameDecoder()
        #expect(decoder.isMidFrame == false)
        #expect(decoder.receive(GoldenFrame.data.bytes + [0]) == [GoldenFrame.data.received])
        #expect(decoder.isMidFrame == true)
    }
}
