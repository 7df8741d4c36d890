import Testing

@testable import Transcoding

/// How much of a text a stream keeps.
@Suite struct `Memory of a message stream` {
    @Test func `an element that never ends is refused before it is long, sent or not`() throws {
        let limit = JSONTranscodingError.messageTooLarge(limit: JSONTranscoder.maximumMessage)
        let start = Array(#"{"iterable":[{},{"description":""#.utf8)
        for partSize in [1, 64 << 10] {
            var stream = MessageStream(
                transcoder: JSONTranscoder(),
                schema: TestMessage.models.listSchema,
                firstPartSize: partSize
            )
            try start.withUnsafeBytes { try stream.consume($0) { _ in } }
            let piece = [UInt8](repeating: UInt8(ascii: "d"), count: 64 << 10)
            var most = 0
            #expect(throws: limit) {
                for _ in 0..<100 {
                    try piece.withUnsafeBytes { try stream.consume($0) { _ in } }
                    most = max(most, stream.heldByteCount)
                }
            }
            #expect((5 << 20) - (128 << 10)...(5 << 20) + 100 ~= most)
        }
    }

    @Test func `what is held is given up when it leaves`() throws {
        let text = listOf([description(of: 1 << 20), "{}"])
        var stream = MessageStream(transcoder: JSONTranscoder(), schema: TestMessage.models.listSchema)
        var held: [Int] = []
        for chunk in text.chunks(of: 64 << 10) {
            try chunk.withUnsafeBytes { try stream.consume($0) { _ in } }
            held.append(stream.heldByteCount)
        }
        #expect(held.dropLast().allSatisfy { $0 > 0 } && held[held.count - 2] >= 15 * 64 << 10)
        #expect(held[held.count - 1] < 100)
    }
}
