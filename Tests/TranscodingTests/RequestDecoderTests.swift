import Bytes
import Foundation
import Testing

@testable import Transcoding

@Suite struct RequestDecoderTests {
    @Test(arguments: [
        TestMessage.modelsSnapshotRequest, .streamModelsSnapshotRequest, .modelsCreateNewModelRequest,
        .modelsDeleteSpecificModelRequest, .modelsDeleteSpecificModelCacheRequest, .unloadModelsRequest,
        .cancelRequest, .models, .model, .modelDeleteCacheOutput,
    ])
    func `an empty payload is a message with nothing set`(type: TestMessage) throws {
        let decoder = RequestDecoder()
        try decoder.withMessage(UnsafeRawBufferPointer(start: nil, count: 0), as: type.payloadType) { _ in }
        #expect(try json([], as: type) == "{}")
    }

    @Test func `fields are read by their names`() throws {
        let payload = PayloadBuilder.make {
            $0.string(1, "a/b?c#d %2F é")
            $0.message(2) { _ in }
        }
        try unpack(payload, as: .modelsDeleteSpecificModelCacheRequest) { message throws(RequestError) in
            let (model, hasInput) = (message.string("model"), message.has("model_delete_cache_input"))
            #expect(model == "a/b?c#d %2F é")
            #expect(hasInput)
            var json = ByteBuffer(capacity: 1)
            json.append("body: ")
            try message.appendJSON(of: "model_delete_cache_input", to: &json)
            #expect(String(decoding: json.bytes, as: UTF8.self) == "body: {}")
        }
        try unpack([], as: .modelsDeleteSpecificModelCacheRequest) { message in
            let (model, hasInput) = (message.string("model"), message.has("model_delete_cache_input"))
            #expect(model == nil)
            #expect(!hasInput)
        }
    }

    @Test func `an empty string is set`() throws {
        let payload = PayloadBuilder.make { $0.string(1, "") }
        try unpack(payload, as: .modelsDeleteSpecificModelRequest) { message in
            let (model, hasModel) = (message.string("model"), message.has("model"))
            #expect(model == "")
            #expect(hasModel)
        }
    }

    @Test func `the stream id of a cancellation is read`() throws {
        let payload = PayloadBuilder.make { $0.varint(1, 4_294_967_295) }
        #expect(try unpack(payload, as: .cancelRequest) { $0.uint32("stream_id") } == .max)
        #expect(try unpack([], as: .cancelRequest) { $0.uint32("stream_id") } == nil)
    }

    @Test func `of a field that comes twice the last value counts, and messages merge`() throws {
        let payload = PayloadBuilder.make {
            $0.message(1) {
                $0.string(2, "first")
                $0.bool(6, true)
                $0.message(7) { $0.string(1, "now") }
            }
            $0.message(1) {
                $0.string(2, "second")
                $0.message(7) { $0.timestamp(2, seconds: 0) }
            }
        }
        #expect(
            try json(payload, as: .modelsCreateNewModelRequest)
                == #"{"seededModel":{"name":"second","cloud":true,"created":"#
                + #"{"readable":"now","value":"1970-01-01T00:00:00.000Z"}}}"#
        )
    }

    @Test func `4 MiB of two-byte unknown fields are an error and take no more memory than the budget`() throws {
        let payload = fourMebibytes(of: [0x78, 0x01])
        let before = try peakMemory()
        #expect(throws: RequestError.tooManyFields(limit: 1 << 18)) {
            try unpack(payload, as: .unloadModelsRequest) { _ in }
        }
        // protobuf-c alone would take 240 MB.
        #expect(try peakMemory() - before < 100 << 20)
    }

    @Test func `4 MiB of empty messages, each merged with the last, are an error`() throws {
        let payload = fourMebibytes(of: [0x0A, 0x00])
        #expect(throws: RequestError.tooManyFields(limit: 1 << 18)) {
            try unpack(payload, as: .modelsCreateNewModelRequest) { _ in }
        }
        // Few enough, but each takes the memory of a message.
        #expect(throws: RequestError.tooMuchMemory(budget: 32 << 20)) {
            try unpack(Array(payload.prefix(2 << 18)), as: .modelsCreateNewModelRequest) { _ in }
        }
    }

    @Test func `a payload has so many fields, and those that are not known count twice`() throws {
        let unknown: [UInt8] = [0x78, 0x01]
        let known: [UInt8] = [0x0A, 0x01, UInt8(ascii: "a")]
        let half = [[UInt8]](repeating: unknown, count: 1 << 16) + [[UInt8]](repeating: known, count: 1 << 17)
        let most = Array(half.joined())
        try unpack(most, as: .modelsDeleteSpecificModelRequest) { message in
            #expect(message.string("model") == "a")
        }
        for field in [unknown, known] {
            #expect(throws: RequestError.tooManyFields(limit: 1 << 18)) {
                try unpack(most + field, as: .modelsDeleteSpecificModelRequest) { _ in }
            }
        }
    }

    @Test func `memory that ends at any allocation is an error, and the decoder goes on`() throws {
        let payload = PayloadBuilder.make {
            for _ in 0..<3 {
                $0.message(1) {
                    $0.string(1, "id")
                    for number in 30..<50 { $0.bytes(UInt64(number), [1, 2, 3]) }
                    $0.message(7) { $0.timestamp(2, seconds: 1) }
                    $0.message(7) { $0.string(1, "readable") }
                    $0.additionalProperties(#"{"a":1}"#)
                }
            }
        }
        let expected = try json(payload, as: .models)
        var failures = 0
        for budget in stride(from: 0, to: 16 << 10, by: 16) {
            let decoder = RequestDecoder(memoryBudget: budget)
            do {
                #expect(try json(payload, as: .models, decoder: decoder) == expected)
            } catch {
                #expect(error == .tooMuchMemory(budget: budget))
                failures += 1
            }
        }
        #expect(failures > 100 && failures < 1024)
        let decoder = RequestDecoder(memoryBudget: 1024)
        #expect(throws: RequestError.self) { try json(payload, as: .models, decoder: decoder) }
        #expect(try json([], as: .models, decoder: decoder) == "{}")
    }

    @Test func `a payload that fills a frame with text is fine`() throws {
        let text = String(repeating: "x", count: (4 << 20) - 20)
        let payload = PayloadBuilder.make { $0.message(1) { $0.additionalProperties(#"{"a":"\#(text)"}"#) } }
        let written = try json(payload, as: .modelsCreateNewModelRequest)
        #expect(written == #"{"seededModel":{"a":"\#(text)"}}"#)
    }

    @Test func `errors say what is wrong in a sentence`() {
        #expect(
            RequestError.invalid("is empty").within("created").within("seeded_model").message
                == "the field seeded_model.created is empty"
        )
        #expect(RequestError.invalid("is not protobuf").message == "the payload is not protobuf")
        #expect(RequestError.tooMuchMemory(budget: 7).within("a").message.contains("more than 7 bytes"))
        #expect(RequestError.tooManyFields(limit: 7).within("a").message.contains("more than 7 fields"))
    }

    private func fourMebibytes(of field: [UInt8]) -> [UInt8] {
        var payload = field
        while payload.count < 4 << 20 { payload += payload }
        return payload
    }

    private func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(Int(line.filter(\.isNumber))) << 10
    }
}
