import Testing

@testable import Transcoding

/// Seeded random payloads: whatever comes is an error or JSON, never a trap.
@Suite struct RequestDecoderFuzzTests {
    private static let types: [TestMessage] = [
        .models, .model, .modelDeleteCacheOutput, .modelsCreateNewModelRequest, .modelsDeleteSpecificModelCacheRequest,
        .cancelRequest,
    ]

    private static let valid = PayloadBuilder.make {
        $0.message(1) {
            $0.string(1, "id")
            $0.string(2, "name é 😀")
            $0.varint(4, 3)
            $0.varint(5, 7)
            $0.bool(6, true)
            $0.message(7) {
                $0.string(1, "now")
                $0.timestamp(2, seconds: 1_700_000_000, nanos: 5_000)
                $0.additionalProperties(#"{"x":[1,2,{"y":null}]}"#)
            }
            $0.message(15) { $0.double(1, 1.5) }
            $0.message(16) { $0.int64(2, -5) }
            $0.additionalProperties(#"{"n\u0061me":"\ud83d\ude00","parameters":null,"a":1e400,"a":true}"#)
        }
        $0.additionalProperties(#"{"k":"v"}"#)
    }

    private func outcome(_ payload: [UInt8], _ decoder: RequestDecoder) -> Bool {
        var accepted = false
        for type in Self.types {
            do {
                let text = try json(payload, as: type, decoder: decoder)
                #expect(isJSON(text), "\(payload) became \(text)")
                accepted = true
            } catch {
                #expect(!error.message.isEmpty)
            }
        }
        return accepted
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `random bytes never trap`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let decoder = RequestDecoder(memoryBudget: 1 << 20)
        for _ in 0..<2_500 {
            let count = Int.random(in: 0..<64, using: &random)
            _ = outcome((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, decoder)
        }
    }

    @Test(arguments: [5, 6, 7, 8] as [UInt64])
    func `a valid payload with a few bytes changed is an error or JSON`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let decoder = RequestDecoder(memoryBudget: 1 << 20)
        var acceptedCount = 0
        for _ in 0..<2_500 {
            var payload = Self.valid
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let index = Int.random(in: payload.indices, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: payload[index] = UInt8.random(in: 0...255, using: &random)
                case 1: payload[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 2: payload.remove(at: index)
                default: payload.insert(payload[Int.random(in: payload.indices, using: &random)], at: index)
                }
            }
            if outcome(payload, decoder) { acceptedCount += 1 }
        }
        // A mutation that is never accepted would not reach the writer.
        #expect(acceptedCount > 100)
    }

    @Test func `every cut of a valid payload is an error or JSON`() {
        let decoder = RequestDecoder(memoryBudget: 1 << 20)
        for length in Self.valid.indices { _ = outcome(Array(Self.valid.prefix(length)), decoder) }
        #expect(outcome(Self.valid, decoder))
    }
}
