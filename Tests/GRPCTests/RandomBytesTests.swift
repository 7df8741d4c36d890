import Testing

@testable import GRPC

struct RandomBytesTests {
    @Test func `a session survives whatever comes, and knows what it keeps`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let talk = Talk(settings: [(4, 10)]) { $0.requestLength = 100 }
            let parts = (0..<30).map { Self.part($0, &random) }
            for bytes in parts {
                talk.receive(bytes, inReadsOf: Int.random(in: 1...50, using: &random))
                for heard in talk.takeHeard() {
                    if case .call(let id, _, _, let payload, _, _) = heard { talk.complete(id, payload) }
                }
            }
            let counted = talk.session.streams.reduce(0) { $0 + $1.countedBytes }
            #expect(talk.session.unfinishedByteCount == counted, "\(parts)")
            let waiting = talk.session.streams.reduce(0) { $0 + $1.messages.byteCount }
            #expect(talk.session.waitingByteCount == waiting, "\(parts)")
        }
    }

    private static func part(_ index: Int, _ random: inout SystemRandomNumberGenerator) -> [UInt8] {
        let id = UInt32(2 * index + 1)
        let payload = (0..<Int.random(in: 0...60, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random)
        }
        var bytes = Talk.call(id, payload) + Frame.windowUpdate(id, UInt32.random(in: 1...100, using: &random)).bytes
        switch Int.random(in: 0...5, using: &random) {
        case 0: bytes += Frame.reset(id, 8).bytes
        case 1: bytes += Frame.data(id, payload, end: Bool.random(using: &random)).bytes
        case 2:
            bytes[Int.random(in: 0..<bytes.count, using: &random)] ^=
                UInt8(1) << UInt8.random(in: 0...7, using: &random)
        default: break
        }
        return bytes
    }
}
