import Testing

@testable import GRPC

struct LastBlockTests {
    private static let head = Talk.head(Talk.unloadPath, [("traceparent", "a")])
    /// A field that HPACK's table has from now on (RFC 7541, section 6.2.1).
    private static let remembered = [0x40] + Frame.block([("traceparent", "b")]).dropFirst()

    private static let kept: [[UInt8]] = [
        [0x82], [0xBE, 0x82], [0xFF, 0x40, 0x82], [0x00, 1, 0x40, 1, 0x40], [0x10, 1, 0x20, 1, 0x20],
        [0x04, 2, 0x40, 0x20],
        [0x0F, 0x40, 1, 0x40, 0x82], [0x0F, 0x80, 0x40, 1, 0x40], [0x04, 0x82, 0x40, 0x20, 0x82],
        [0x00, 1, 0x40, 0x7F, 0x01] + [UInt8](repeating: 0x40, count: 128) + [0x82],
    ]

    private func head(_ id: UInt32, _ block: [UInt8], flags: UInt8 = Frame.endHeaders) -> [UInt8] {
        Frame(kind: .headers, flags: flags, id: id, payload: block).bytes
    }

    private func call(_ id: UInt32, _ block: [UInt8]) -> [UInt8] {
        head(id, block) + Frame.data(id, message([])).bytes
    }

    private func isKept(_ block: [UInt8]) -> Bool { block.withUnsafeBytes { LastBlock.leavesTable($0) } }

    @Test(arguments: kept)
    func `references, and literals that are not remembered, leave the table as it is`(block: [UInt8]) {
        #expect(isKept(block))
        #expect(!isKept(block + [0x41, 1, 0x80]))
        #expect(!isKept(block + Self.remembered))
        #expect(!isKept(block + [0x20]))
        // What is cut off is no block that has been decoded, but it is read no further than it goes.
        for count in block.indices { _ = isKept(Array(block[..<count])) }
    }

    @Test func `the same block again is the same call, however often it comes`() {
        let talk = Talk()
        for id in stride(from: 1, to: 21, by: 2) as StrideTo<UInt32> {
            talk.receive(call(id, Frame.block(Self.head)))
            #expect(talk.takeHeard() == [.unload(id, traceparent: "a")])
            talk.complete(id, [])
            #expect(talk.takeSaid(id) == Said.answer([]))
        }
    }

    @Test func `a block that changes the table changes it each time`() {
        let talk = Talk()
        let block = Frame.block(Talk.head()) + Self.remembered
        for id: UInt32 in [1, 3, 5, 7, 9] { talk.receive(call(id, block)) }
        // The oldest of the five in the table, whose newest has the number 62.
        talk.receive(call(11, Frame.block(Talk.head()) + [0x80 | 66]))
        #expect(talk.takeHeard() == [1, 3, 5, 7, 9, 11].map { .unload($0, traceparent: "b") })
    }

    @Test func `references are read anew when the table has changed`() {
        let talk = Talk()
        let literals = Frame.block(Talk.head())
        let reference = literals + [0x80 | 62]
        talk.receive(call(1, literals + Self.remembered))
        for id: UInt32 in [3, 5, 7] { talk.receive(call(id, reference)) }
        #expect(talk.takeHeard() == [1, 3, 5, 7].map { .unload($0, traceparent: "b") })
        // By the trailers of a call that it refuses.
        talk.receive(head(9, literals))
        let trailers = [0x40] + Frame.block([("traceparent", "c")]).dropFirst()
        talk.receive(head(9, trailers, flags: Frame.endHeaders | Frame.endStream))
        _ = talk.takeHeard()
        talk.receive(call(11, reference))
        #expect(talk.takeHeard() == [.unload(11, traceparent: "c")])
    }

    @Test func `trailers that spell like the head are trailers`() {
        let talk = Talk()
        let block = Frame.block(Self.head)
        for id: UInt32 in [1, 3, 5] { talk.receive(call(id, block)) }
        talk.receive(head(7, block) + head(7, block, flags: Frame.endHeaders | Frame.endStream))
        #expect(talk.takeSaid(7) == [.reset(ErrorCode.protocolError)])
    }

    @Test func `a head that is refused is not what the next one repeats`() {
        let talk = Talk { $0.calls = 1 }
        for id: UInt32 in [1, 3] {
            talk.receive(call(id, Frame.block(Talk.head())))
            if id == 1 { talk.complete(1, []) }
        }
        for id: UInt32 in [5, 7, 9] {
            talk.receive(call(id, Frame.block(Self.head)))
            #expect(talk.takeSaid(id) == [.reset(ErrorCode.refusedStream)])
        }
        talk.complete(3, [])
        _ = talk.takeHeard()
        talk.receive(call(11, Frame.block(Self.head)))
        #expect(talk.takeHeard() == [.unload(11, traceparent: "a")])
    }

    @Test func `a block with padding, or in two frames, is read`() {
        let talk = Talk()
        let block = Frame.block(Self.head)
        for id: UInt32 in [1, 3, 5] { talk.receive(call(id, block)) }
        talk.receive(head(7, [3] + block + [0, 0, 0], flags: Frame.endHeaders | Frame.padded))
        let end = Frame(kind: .continuation, flags: Frame.endHeaders, id: 9, payload: [0x82])
        talk.receive(Frame.data(7, message([])).bytes + head(9, block, flags: 0) + end.bytes)
        #expect(talk.takeHeard() == [1, 3, 5, 7].map { .unload($0, traceparent: "a") } + [.refused(9)])
    }
}
