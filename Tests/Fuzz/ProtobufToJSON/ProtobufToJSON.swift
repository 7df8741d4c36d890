import FuzzSupport

@testable import Transcoding

@MainActor private let decoder = RequestDecoder(memoryBudget: 1 << 20)
@MainActor private let transcoder = JSONTranscoder()

@MainActor private let messages = CarriedMessage.all()

/// Payloads: refused, or JSON that is the same message again.
@MainActor @_cdecl("LLVMFuzzerTestOneInput")
public func fuzzProtobufToJSON(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let input = FuzzInput(data, count) else { return -1 }
    let message = messages[input.control % messages.count]
    let (schema, type) = (message.schema, message.payloadType)
    input.withCopy(of: input.bytes.indices, padding: 0) { payload in
        do throws(RequestError) {
            checkJSON(try decoder.json(payload, as: type), of: payload, schema, type)
        } catch {
            demand(!error.message.isEmpty, "a payload is refused without a word")
        }
    }
    return 0
}

@MainActor private func checkJSON(
    _ json: [UInt8],
    of payload: UnsafeRawBufferPointer,
    _ schema: MessageSchema,
    _ type: ProtobufMessageType
) {
    do {
        try json.withUnsafeBufferPointer { text throws(JSONTranscodingError) in
            var parser = StrictJSONParser(text: text, from: 0)
            try parser.parse()
        }
        let message = try transcoder.message(json, as: schema)
        let settled = try message.withUnsafeBytes { bytes in try decoder.json(bytes, as: type) }
        let again = try transcoder.message(settled, as: schema)
        let jsonAgain = try again.withUnsafeBytes { bytes in try decoder.json(bytes, as: type) }
        demand(
            settled == jsonAgain,
            "JSON changes on its way there and back: \(String(decoding: settled, as: UTF8.self))"
        )
        // Members of additional_properties may be those of typed fields, and a null goes there.
        let isPlain = !Array(payload).contains(additionalPropertiesTag) && !json.contains(absentTotal)
        demand(!isPlain || settled == json, "a message without extras comes back as another")
    } catch {
        fatalError("JSON that was made of a message is refused: \(error): \(String(decoding: json, as: UTF8.self))")
    }
}

/// Field 1000, length-delimited.
private let additionalPropertiesTag: [UInt8] = [0xC2, 0x3E]
