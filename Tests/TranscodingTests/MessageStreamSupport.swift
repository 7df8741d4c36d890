@testable import Transcoding

/// The messages that a text in chunks becomes.
func streamed(
    _ chunks: [ArraySlice<UInt8>],
    with transcoder: JSONTranscoder = JSONTranscoder(),
    partSize: Int = 64 << 10
) throws(JSONTranscodingError) -> [[UInt8]] {
    var messages: [[UInt8]] = []
    try stream(chunks, transcoder, partSize) { messages.append($0) }
    return messages
}

func stream(
    _ chunks: [ArraySlice<UInt8>],
    _ transcoder: JSONTranscoder,
    _ partSize: Int,
    _ emit: ([UInt8]) -> Void
) throws(JSONTranscodingError) {
    var stream = MessageStream(
        transcoder: transcoder,
        schema: TestMessage.models.listSchema,
        firstPartSize: partSize,
        partSize: partSize
    )
    for chunk in chunks {
        // Memory of its own size for each chunk, so that a sanitizer sees the first byte that is read behind it.
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk.count, alignment: 1)
        defer { memory.deallocate() }
        memory.copyBytes(from: chunk)
        try stream.consume(UnsafeRawBufferPointer(memory)) { emit(Array($0)) }
    }
    try stream.finish { emit(Array($0)) }
}

/// How many messages came, and what ended them.
struct Outcome: Equatable {
    var count = 0
    var error: JSONTranscodingError?
}

func outcome(_ text: [UInt8], chunkSize: Int = 64 << 10, partSize: Int = 1) -> Outcome {
    var outcome = Outcome()
    do throws(JSONTranscodingError) {
        try stream(text.chunks(of: chunkSize), JSONTranscoder(), partSize) { _ in outcome.count += 1 }
    } catch {
        outcome.error = error
    }
    return outcome
}

/// What messages say that are laid end to end.
func fields(_ messages: [[UInt8]]) throws -> [String] {
    try WireText.sorted(messages.flatMap(\.self), TestMessage.models.descriptor)
}

func description(of length: Int) -> String {
    #"{"description":"\#(String(repeating: "d", count: length))"}"#
}

func listOf(_ elements: [String]) -> [UInt8] {
    Array(#"{"iterable":[\#(elements.joined(separator: ","))]}"#.utf8)
}

extension [UInt8] {
    func chunks(of size: Int) -> [ArraySlice<UInt8>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
