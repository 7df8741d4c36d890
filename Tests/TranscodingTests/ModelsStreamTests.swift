import CModels
import Testing

@testable import Transcoding

@Suite struct `Models stream` {
    @Test(arguments: [1, 2, 3, 7, 64, 1000])
    func `generated answers in chunks are what they are in one piece`(chunkSize: Int) throws {
        let transcoder = JSONTranscoder()
        for seed in UInt64(0)..<400 {
            var generator = AnswerGenerator(seed: seed)
            let text = Array(generator.text(of: pieces__models__v1__models__descriptor).utf8)
            let whole = try transcoder.bytes(text, as: .models)
            let parts = try streamed(text.chunks(of: chunkSize), with: transcoder)
            #expect(
                try WireText.sorted(parts.flatMap(\.self), pieces__models__v1__models__descriptor)
                    == WireText.sorted(whole, pieces__models__v1__models__descriptor),
                "seed \(seed)"
            )
        }
    }
}

/// The messages that a text in chunks becomes.
private func streamed(
    _ chunks: [ArraySlice<UInt8>],
    with transcoder: JSONTranscoder = JSONTranscoder(),
    partSize: Int = 64 << 10
) throws(JSONTranscodingError) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    var stream = ModelsStream(transcoder: transcoder, partSize: partSize)
    for chunk in chunks {
        // Memory of its own for each chunk, so that reading out of it is seen by a sanitizer.
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: chunk)
        try stream.consume(UnsafeRawBufferPointer(memory)) { messages.append(Array($0)) }
    }
    try stream.finish { messages.append(Array($0)) }
    return messages
}

extension [UInt8] {
    fileprivate func chunks(of size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
