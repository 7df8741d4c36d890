import Testing

@testable import GRPC

struct LargeRequestTests {
    private static let large = [UInt8](repeating: 7, count: 300)

    /// The events of reads of that size, each in memory of its own that is gone afterwards.
    /// - Parameter stop: called before a large request is gone on with.
    private func events(
        of bytes: [UInt8],
        inReadsOf size: Int,
        _ talk: Talk,
        before stop: () -> Void = {}
    ) -> [Heard] {
        var heard: [Heard] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let left = Array(rest.prefix(size)).withUnsafeBytes { part in
                var unread = part
                while let event = talk.session.next(&unread, now: talk.now) {
                    if case .nothing = event { continue }
                    heard.append(Heard(event))
                }
                talk.session.keepArrived()
                return unread.count
            }
            rest = rest.dropFirst(min(size, rest.count) - left)
            if case .large = heard.last { goOn(talk, &heard, stop) }
        }
        return heard
    }

    private func goOn(_ talk: Talk, _ heard: inout [Heard], _ stop: () -> Void) {
        var nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(talk.session.next(&nothing, now: talk.now) == nil)
        stop()
        talk.session.goOn()
        while let event = talk.session.next(&nothing, now: talk.now) { heard.append(Heard(event)) }
    }

    @Test(arguments: [1, 7, 64, 10_000])
    func `a large request is announced, and nothing comes before it`(size: Int) {
        let talk = Talk { $0.largeLength = 300 }
        let heard = events(of: Talk.call(1, Self.large) + Talk.call(3, [1]), inReadsOf: size, talk) {
            #expect(talk.session.unfinishedByteCount == 300)
        }
        #expect(heard == [.large(300), .unload(1, payload: Self.large), .unload(3, payload: [1])])
        #expect(talk.session.unfinishedByteCount == 0)
    }

    @Test func `a compressed request counts for what it may become`() {
        let packed = pack([UInt8](repeating: 0, count: 100), windowBits: 31)
        let head = Frame.head(1, Talk.head(Talk.unloadPath, [("grpc-encoding", "gzip")])).bytes
        let bytes = head + Frame.data(1, message(packed, flag: 1)).bytes
        for (limit, count) in [(100_000, packed.count * 1_032), (1_000, 1_000)] {
            let talk = Talk {
                $0.largeLength = 1_000
                $0.requestLength = limit
            }
            let heard = events(of: bytes, inReadsOf: 10_000, talk)
            #expect(heard == [.large(count), .unload(1, payload: [UInt8](repeating: 0, count: 100))])
        }
    }

    @Test func `a large request that ends meanwhile is no event`() {
        let talk = Talk { $0.largeLength = 300 }
        let bytes = Talk.call(1, Self.large, [("grpc-timeout", "1S")]) + Talk.call(3, [1])
        let heard = events(of: bytes, inReadsOf: 10_000, talk) {
            talk.now += 2_000_000_000
            talk.session.expire(now: talk.now)
        }
        #expect(heard == [.large(300), .refused(1), .unload(3, payload: [1])])
        #expect(talk.session.unfinishedByteCount == 0)
    }

    @Test func `of many frames at once a few are taken in before whoever asks hears of it`() {
        let talk = Talk()
        let update = Frame.windowUpdate(0, 1).bytes
        let bytes = [[UInt8]](repeating: update, count: 100).flatMap { $0 }
        bytes.withUnsafeBytes {
            var unread = $0
            var turns = 0
            while let event = talk.session.next(&unread, now: talk.now) {
                #expect(Heard(event) == .nothing)
                turns += 1
                #expect(unread.count == max(0, bytes.count - turns * 8 * update.count))
            }
            #expect(turns == 12)
            #expect(unread.isEmpty)
        }
    }

    @Test func `of a long header block one piece is taken in before whoever asks hears of it`() {
        let talk = Talk()
        let head = Frame.head(1, Talk.head() + [("x", String(repeating: "a", count: 8_000))]).bytes
        head.withUnsafeBytes {
            var unread = $0
            var turns = 0
            while talk.session.next(&unread, now: talk.now) != nil { turns += 1 }
            #expect(turns == (head.count - 9) / 256)
        }
        talk.receive(.data(1, message([1])))
        #expect(talk.takeHeard() == [.unload(1, payload: [1])])
    }
}
