import Testing

@testable import Transcoding

/// What is refused before protobuf-c sees it; ModelsCreateNewModelRequest has `seeded_model` = 1, and that `name` = 2,
/// `type` = 4, `cloud` = 6, `created` = 7 and `parameters` = 19.
@Suite struct PayloadCheckTests {
    private func refusal(_ payload: [UInt8], as type: TestMessage = .modelsCreateNewModelRequest)
        -> RequestError?
    {
        do {
            try unpack(payload, as: type) { _ in }
            return nil
        } catch {
            return error
        }
    }

    private func seeded(_ build: (inout PayloadBuilder) -> Void) -> [UInt8] {
        PayloadBuilder.make { $0.message(1, build) }
    }

    @Test(
        arguments: [
            [0x80], [0x0A], [0x0A, 0x80], [0x08, 0xFF], [0x10, 0x80, 0x80],
            [0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
            [0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02],
        ] as [[UInt8]]
    )
    func `a varint that is cut off or too long is no protobuf`(payload: [UInt8]) throws {
        let message = try #require(refusal(payload)).message
        #expect(message.contains("not protobuf") || message.contains("wire type"))
    }

    @Test(
        arguments: [
            [0x12, 0x01], [0x12, 0x05, 0x01], [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F],
            [0x12, 0xFC, 0xFF, 0xFF, 0xFF, 0x0F],
            [0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
            // Zero, padded to six bytes, of which protobuf-c reads five.
            [0x12, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
            [0x11, 1, 2, 3, 4, 5, 6, 7], [0x15, 1, 2, 3],
        ] as [[UInt8]]
    )
    func `a value that is longer than the rest is no protobuf`(payload: [UInt8]) throws {
        #expect(try #require(refusal(payload)).message.contains("is not protobuf"))
    }

    @Test(
        arguments: [
            [0x00], [0x02, 0x00], [0x80, 0x80, 0x80, 0x80, 0x10, 0x00], [0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 0x00],
        ] as [[UInt8]]
    )
    func `a field number of 0 or beyond 29 bits is no protobuf`(payload: [UInt8]) throws {
        #expect(try #require(refusal(payload)).message.contains("bad field number"))
    }

    @Test(arguments: [[0x0B, 0x0C], [0x13, 0x14], [0x0C], [0x0E], [0x17]] as [[UInt8]])
    func `groups and wire types that do not exist are refused`(payload: [UInt8]) throws {
        #expect(try #require(refusal(payload)).message.contains("wire type"))
    }

    @Test func `a known field with another wire type is refused by name`() {
        let wrong = "has the wrong wire type"
        #expect(
            refusal(PayloadBuilder.make { $0.varint(1, 1) }) == .invalid(field: "seeded_model", reason: "\(wrong), 0")
        )
        #expect(refusal(seeded { $0.varint(2, 1) }) == .invalid(field: "seeded_model.name", reason: "\(wrong), 0"))
        #expect(refusal(seeded { $0.bytes(4, [1]) }) == .invalid(field: "seeded_model.type", reason: "\(wrong), 2"))
        // protobuf-c would take this for true.
        #expect(refusal(seeded { $0.bytes(6, [1]) }) == .invalid(field: "seeded_model.cloud", reason: "\(wrong), 2"))
        #expect(
            refusal(seeded { $0.varint(19, 1) }) == .invalid(field: "seeded_model.parameters", reason: "\(wrong), 0")
        )
    }

    @Test(
        arguments: [
            [0xFF], [0xC3], [0x41, 0x80], [0xC3, 0x28],
            // Overlong forms of /, U+0000, U+07FF and U+FFFF.
            [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF],
            // Surrogates, alone and in pairs, and what lies above U+10FFFF.
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
            // Cut off after one, two and three bytes.
            [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xF0], [0xE2, 0x82, 0x41], [0xF0, 0x9F, 0x98, 0xC3],
        ] as [[UInt8]]
    )
    func `a string that is not UTF-8 is refused by name`(text: [UInt8]) {
        let error = RequestError.invalid(field: "seeded_model.name", reason: "is not UTF-8")
        #expect(refusal(seeded { $0.bytes(2, text) }) == error)
        #expect(refusal(seeded { $0.bytes(2, [0x61, 0xC3, 0xA9] + text) }) == error)
    }

    @Test func `a string with U+0000 is refused by name`() {
        let payload = PayloadBuilder.make { $0.string(1, "precious\0suffix") }
        #expect(
            refusal(payload, as: .modelsDeleteSpecificModelRequest)
                == .invalid(field: "model", reason: "holds a U+0000")
        )
        #expect(
            refusal(seeded { $0.message(7) { $0.string(1, "\0") } })
                == .invalid(field: "seeded_model.created.readable", reason: "holds a U+0000")
        )
    }

    @Test func `a bad string is refused also where a later one replaces it`() {
        let payload = PayloadBuilder.make {
            $0.bytes(1, [0xFF])
            $0.string(1, "fine")
        }
        #expect(
            refusal(payload, as: .modelsDeleteSpecificModelRequest) == .invalid(field: "model", reason: "is not UTF-8")
        )
    }

    @Test func `bad bytes within a message are named by field and by offset in the payload`() {
        #expect(
            refusal(seeded { $0.bytes(7, [0x0A, 0x7F]) })
                == .invalid(
                    field: "seeded_model.created.readable",
                    reason: "is not protobuf: it ends within the value at byte 6"
                )
        )
    }

    @Test(arguments: [
        "", "a", "\u{7F}", "é", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "😀", "\u{10FFFF}",
    ])
    func `every well-formed string passes`(text: String) throws {
        let payload = PayloadBuilder.make { $0.string(1, text) }
        let model = try unpack(payload, as: .modelsDeleteSpecificModelRequest) { $0.string("model") }
        #expect(model == text)
    }

    @Test func `unknown fields of every wire type are skipped`() throws {
        let payload = PayloadBuilder.make {
            $0.varint(77, .max)
            $0.double(78, .nan)
            $0.bytes(79, [0xFF, 0x00])
            $0.string(1, "m")
            $0.varint(536_870_911, 0)
        }
        let fixed32: [UInt8] = [0x85, 0x05, 1, 2, 3, 4]
        let model = try unpack(payload + fixed32, as: .modelsDeleteSpecificModelRequest) { $0.string("model") }
        #expect(model == "m")
    }
}
