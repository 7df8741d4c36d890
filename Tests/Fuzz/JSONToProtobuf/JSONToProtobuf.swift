import FuzzSupport
import SimdJSONVerdict

@testable import Transcoding

@MainActor private let fastTranscoder = JSONTranscoder()
@MainActor private let indexTranscoder = JSONTranscoder()
@MainActor private let strictTranscoder = JSONTranscoder()
@MainActor private let decoder = RequestDecoder()

/// JSON texts: both ways of the transcoder agree with each other and with simdjson, and what they write is a message whose
/// own JSON is that message.
@MainActor @_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSONToProtobuf(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count) else { return -1 }
    let message = messages[input.control % messages.count]
    let (schema, type) = (message.schema, message.payloadType)
    input.withCopy(of: input.bytes.indices, padding: JSONTranscoder.padding) { text in
        let fast = Outcome { () throws(JSONTranscodingError) in try fastTranscoder.transcodeFast(text, as: schema) }
        let strict = Outcome { () throws(JSONTranscodingError) in
            try strictTranscoder.transcodeStrictly(text, from: 0, as: schema)
        }
        switch (fast, strict) {
        case (.refused(let one), .refused(let other)):
            demand(one == other, "two reasons to refuse a text: \(one), \(other)")
        case (.message(let one), .message(let other)):
            demand(one.elementsEqual(other), "the two ways make two messages of one text")
        case (.message, .refused(let error)): fatalError("only the fast way takes a text: \(error)")
        case (.refused(let error), .message): fatalError("only the strict way takes a text: \(error)")
        case (.undecided, _), (_, .undecided): break
        }
        let indexed = Outcome { () throws(JSONTranscodingError) in
            try indexTranscoder.transcodeIndexed(text, as: schema)
        }
        if case .message(let one) = indexed {
            guard case .message(let other) = strict, one.elementsEqual(other) else {
                fatalError("an index makes another message of a text")
            }
        }
        checkVerdict(on: text, strict)
        if case .message(let message) = strict { checkBack(message, schema, type) }
    }
    return 0
}

@MainActor private let messages = CarriedMessage.all()

/// What has become of a text in one way.
private enum Outcome {
    case message(UnsafeRawBufferPointer)
    /// It has to go the other way.
    case undecided
    case refused(JSONTranscodingError)

    init(_ transcode: () throws(JSONTranscodingError) -> UnsafeRawBufferPointer?) {
        do throws(JSONTranscodingError) {
            self = try transcode().map(Outcome.message) ?? .undecided
        } catch {
            self = .refused(error)
        }
    }
}

private func checkVerdict(on text: UnsafeRawBufferPointer, _ strict: Outcome) {
    let verdict = simdjson_verdict(text.baseAddress, text.count)
    switch strict {
    case .message: demand(verdict != 0, "a text is taken that simdjson says is no JSON")
    case .refused(.notJSON): demand(verdict != 1, "a text is refused as no JSON that simdjson says is JSON")
    case .refused, .undecided: break
    }
}

@MainActor private func checkBack(
    _ message: UnsafeRawBufferPointer,
    _ schema: MessageSchema,
    _ type: ProtobufMessageType
) {
    do {
        let json = try decoder.json(message, as: type)
        let again = try fastTranscoder.message(json, as: schema)
        // A `total` that is not there comes back as the null that the REST schema requires.
        guard !json.contains(absentTotal) else { return }
        let same = again.withUnsafeBytes { canonical($0, as: type) } == canonical(message, as: type)
        demand(same, "the way there and back changes a message: \(String(decoding: json, as: UTF8.self))")
    } catch {
        fatalError("a message that was made of JSON is refused: \(error)")
    }
}
