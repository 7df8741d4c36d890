import Bytes
import Contract
import Testing

@testable import Transcoding

@Suite struct RequestEncoderTests {
    private let contract: Contract
    private let encoder: RequestEncoder

    init() throws {
        contract = try Contract.carried()
        encoder = RequestEncoder(Schemas(contract))
    }

    private func request(_ json: String, _ name: String) throws -> [UInt8] {
        try encoder.payload(of: Array(json.utf8), as: #require(contract.messages[name]))
    }

    @Test(arguments: [#"{"model":"x","modelDeleteCacheInput":{}}"#, #"{"model_delete_cache_input":{},"model":"x"}"#])
    func `fields go by both of their names`(json: String) throws {
        let payload = try request(json, "pieces.models.v1.ModelsDeleteSpecificModelCacheRequest")
        #expect(Set([[0x0A, 1, 0x78, 0x12, 0], [0x12, 0, 0x0A, 1, 0x78]]).contains(payload))
    }

    @Test func `what the REST API does not know goes on in its message`() throws {
        let payload = try request(#"{"seededModel":{"new":[1]}}"#, "pieces.models.v1.ModelsCreateNewModelRequest")
        #expect(String(decoding: payload, as: UTF8.self).hasSuffix(#"{"new":[1]}"#))
    }

    @Test(arguments: [#"{"modle":"x"}"#, #"{"model":7}"#, #"{"model":null}"#])
    func `what a request has no room for is an error that shows it`(json: String) throws {
        do {
            _ = try request(json, "pieces.models.v1.ModelsDeleteSpecificModelRequest")
            Issue.record("it has been taken")
        } catch RequestEncoder.Problem.misfits(let members) {
            #expect(members == json)
        }
    }

    @Test(arguments: ["", "[]", "{", "7", "{\"model\":\"\u{1}\"}"])
    func `text that is no JSON object is an error`(json: String) {
        #expect(throws: RequestEncoder.Problem.self) {
            try request(json, "pieces.models.v1.ModelsDeleteSpecificModelRequest")
        }
    }

    @Test func `a field that JSON does not become is an error, and no trap`() {
        #expect(throws: RequestEncoder.Problem.self) { try request("{}", "pieces.gateway.v1.CancelRequest") }
    }

    @Test func `a body is there also when nothing is in it`() throws {
        let request = try #require(contract.messages["pieces.models.v1.ModelsCreateNewModelRequest"])
        let seed = try #require(contract.messages["pieces.models.v1.SeededModel"])
        let field = try #require(request.field(named: "seeded_model"))
        #expect(try encoder.payload(of: Array("{}".utf8), in: field, as: seed) == [0x0A, 0])
    }
}

@Suite struct JSONStyleTests {
    private func json(_ decoder: RequestDecoder, _ payload: [UInt8]) throws -> String {
        var json = ByteBuffer(capacity: 64)
        try payload.withUnsafeBytes { payload in
            try decoder.withMessage(payload, as: TestMessage.models.payloadType) { (message) throws(RequestError) in
                try message.appendJSON(to: &json)
            }
        }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test func `a list without elements is written in an answer`() throws {
        #expect(try json(RequestDecoder(), []) == "{}")
        #expect(try json(RequestDecoder(style: .answer), []) == #"{"iterable":[]}"#)
    }

    @Test func `no null is added to an answer`() throws {
        let payload = PayloadBuilder.make { $0.message(1) { $0.message(15) { _ in } } }
        #expect(try json(RequestDecoder(), payload) == #"{"iterable":[{"maxTokens":{"total":null}}]}"#)
        #expect(try json(RequestDecoder(style: .answer), payload) == #"{"iterable":[{"maxTokens":{}}]}"#)
    }

    @Test func `a list that could not be carried stays as it was`() throws {
        let payload = PayloadBuilder.make { $0.string(1000, #"{"iterable":[1]}"#) }
        #expect(try json(RequestDecoder(style: .answer), payload) == #"{"iterable":[1]}"#)
    }
}
