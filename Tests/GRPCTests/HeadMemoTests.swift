import Testing

@testable import GRPC

struct HeadMemoTests {
    private static let ends: [[(String, String)]] = [
        [], [("grpc-timeout", "1S")], [("grpc-timeout", "2S")], [("grpc-timeout", "x")], [("traceparent", "a")],
        [("traceparent", "b"), ("grpc-timeout", "1S")], [("traceparent", "b"), ("tracestate", "c")], [("X", "y")],
        [("origin", "null")], [("content-length", "5")], [("content-length", "6")], [("grpc-encoding", "gzip")],
        [("x", "1"), ("traceparent", "a")], (0..<40).map { ("x-\($0)", "y") } + [("traceparent", "a")],
        [("x", String(repeating: "x", count: 2_000)), ("traceparent", "a")],
        [("x", String(repeating: "x", count: 8_070)), ("x", String(repeating: "x", count: 8_070))],
    ]
    private static let heads: [[(String, String)]] = ends.flatMap { end in
        let head = Talk.head(Talk.unloadPath, end)
        return [
            head, Array(head.dropFirst()), Array(head.prefix(5)), head.reversed(), Talk.head(Talk.reflectionPath, end),
            Talk.head("/a.B/C", end),
        ]
    }

    @Test func `what a head says does not depend on those that came before it`() {
        var random = SystemRandomNumberGenerator()
        let talk = Talk()
        var history: [Int] = []
        for number in 0..<1_000 as Range<UInt32> {
            // Often the same again, or one that begins like it.
            let last = history.last ?? 0
            let choices = [
                last, last, (last + 6) % Self.heads.count, Int.random(in: Self.heads.indices, using: &random),
            ]
            history.append(choices[Int.random(in: 0..<4, using: &random)])
            let id = 2 * number + 1
            let trailers = Bool.random(using: &random) ? Frame.head(id, [("te", "x")], end: true).bytes : []
            let bytes = Frame.head(id, Self.heads[history.last ?? 0]).bytes
            let data = trailers.isEmpty ? Frame.data(id, message([])) : Frame.data(id, message([]), end: false)
            let alone = Talk()
            for talk in [talk, alone] { talk.receive(bytes + data.bytes + trailers) }
            #expect(talk.takeHeard() == alone.takeHeard(), "\(history)")
            #expect(talk.takeSaid(id) == alone.takeSaid(id), "\(history)")
            talk.receive(.reset(id, 8))
            _ = talk.takeHeard()
            talk.wait(milliseconds: 10)
        }
        #expect(talk.session.end == nil)
    }

    @Test func `a head of references to what HPACK remembers is that of those literals`() {
        let fields = Talk.head(Talk.unloadPath, [("traceparent", "a")])
        // Literals that are remembered; the last of them has the index 62 of the table then.
        let literals = fields.flatMap { [UInt8(0x40)] + Frame.block([$0]).dropFirst() }
        let references = fields.indices.map { UInt8(0x80 | 62 + fields.count - 1 - $0) }
        let talk = Talk()
        for (id, block) in zip(
            stride(from: 1, to: 9, by: 2) as StrideTo<UInt32>,
            [literals] + [[UInt8]](repeating: references, count: 3)
        ) {
            talk.receive(
                Frame(kind: .headers, flags: Frame.endHeaders, id: id, payload: block).bytes
                    + Frame.data(id, message([])).bytes
            )
            #expect(talk.takeHeard() == [.unload(id, traceparent: "a")])
        }
    }
}
