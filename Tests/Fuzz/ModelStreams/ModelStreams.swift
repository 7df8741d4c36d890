import FuzzSupport

@testable import Transcoding

@MainActor private let streamTranscoder = JSONTranscoder()
@MainActor private let transcoder = JSONTranscoder()
@MainActor private let models = CarriedMessage.all()[0]

/// Snapshots in chunks: the messages laid end to end are the answer in one piece, and a text is refused either way.
@MainActor @_cdecl("LLVMFuzzerTestOneInput")
public func fuzzModelStreams(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count) else { return -1 }
    // One bit says whether each model leaves by itself, the others how long a chunk is: half of them are short, and the others
    // have room for several models.
    let size = input.control % 128
    let streamed = stream(
        input,
        inChunksOf: size < 64 ? 1 + size : 64 * (size - 62),
        partSize: input.control < 128 ? 1 << 16 : 1
    )
    input.withCopy(of: input.bytes.indices, padding: JSONTranscoder.padding) { text in
        do throws(JSONTranscodingError) {
            let message = try transcoder.transcode(text, as: models.schema)
            compare(streamed, message)
        } catch {
            demand(streamed.error != nil, "a stream takes a text that is refused in one piece: \(error)")
        }
    }
    return 0
}

/// What a stream has emitted, laid end to end, and what it ended in.
private struct Streamed {
    var messages: [UInt8] = []
    var count = 0
    var error: JSONTranscodingError?
}

@MainActor private func stream(_ input: FuzzInput, inChunksOf size: Int, partSize: Int) -> Streamed {
    var streamed = Streamed()
    guard let schema = models.listSchema else { fatalError("the contract has no list of models") }
    var stream = MessageStream(
        transcoder: streamTranscoder,
        schema: schema,
        firstPartSize: partSize,
        partSize: partSize
    )
    do {
        for range in input.pieces(of: size) {
            try input.withCopy(of: range, padding: 0) { chunk in
                try stream.consume(chunk) {
                    streamed.messages.append(contentsOf: $0)
                    streamed.count += 1
                }
            }
        }
        try stream.finish {
            streamed.messages.append(contentsOf: $0)
            streamed.count += 1
        }
        demand(streamed.count > 0, "a stream ends well and has emitted nothing")
    } catch {
        streamed.error = error as? JSONTranscodingError
        demand(streamed.error != nil, "a stream ends in \(error)")
    }
    return streamed
}

@MainActor private func compare(_ streamed: Streamed, _ message: UnsafeRawBufferPointer) {
    switch streamed.error {
    case nil:
        let type = models.payloadType
        let same = streamed.messages.withUnsafeBytes { canonical($0, as: type) } == canonical(message, as: type)
        demand(same, "the messages of a stream are not the answer in one piece")
    case .misfitElement?, .secondList?:
        demand(streamed.count > 0, "a stream that has emitted nothing says that it has")
    case let error?:
        fatalError("a stream refuses a text that is taken in one piece: \(error)")
    }
}
