import Testing

@testable import Transcoding

@Suite struct `JSON transcoder` {
    @Test func `every kind of field is carried by its typed field`() throws {
        let text = """
            {"id":"a","type":"SPEED","cloud":true,"cpu":false,"parameters":7.5,"maxTokens":{"total":4096},
             "bytes":{"readable":"4 GB","value":4000000000},"created":{"value":"2024-05-17T09:30:00.123456Z"},
             "schema":{"migration":0,"semantic":"MAJOR_0_MINOR_0_PATCH_1"}}
            """
        #expect(
            try model(text) == """
                id:"a" type:2 cloud:true cpu:false parameters:7.5 max_tokens:{total:4096.0} \
                bytes:{readable:"4 GB" value:4000000000} created:{value:{seconds:1715938200 nanos:123456000}} \
                schema:{migration:0 semantic:1}
                """
        )
    }

    @Test func `both ways agree on generated answers`() throws {
        let transcoder = JSONTranscoder()
        for seed in UInt64(0)..<2000 {
            var generator = AnswerGenerator(seed: seed)
            let text = Array(generator.text(of: TestMessage.models.descriptor).utf8)
            let usual = try transcoder.bytes(text, as: .models)
            let strict = try transcoder.bytes(text, as: .models, .strict)
            #expect(
                try WireText.of(usual, TestMessage.models.descriptor)
                    == WireText.of(strict, TestMessage.models.descriptor),
                "seed \(seed)"
            )
        }
    }

    @Test func `a message may fill a frame and no more`() throws {
        let transcoder = JSONTranscoder()
        for (begin, end, around) in [(#"{"id":""#, #""}"#, 1 + 4), (#"{"x":""#, #""}"#, 2 + 4 + 8)] {
            let filling = [UInt8](repeating: UInt8(ascii: "a"), count: (4 << 20) - around)
            let start = Array(begin.utf8) + filling
            #expect(try transcoder.bytes(start + end.utf8, as: .model).count == 4 << 20)
            #expect(throws: JSONTranscodingError.messageTooLarge(limit: 4 << 20)) {
                _ = try transcoder.bytes(start + "a".utf8 + end.utf8, as: .model)
            }
        }
    }

    @Test(arguments: Way.allCases)
    func `only what counts must fit a message, and a text that does not leaves no traces`(way: Way) throws {
        let list = "[[" + Array(repeating: "1234567890123456789", count: 210_000).joined(separator: ",") + "]]"
        let twice = #""schema":{"x":\#(list)},"schema":{"migration":1}"#
        #expect(try transcoded(#"{"iterable":[{\#(twice)}]}"#, as: .models, way) == "iterable:{schema:{migration:1}}")

        let transcoder = JSONTranscoder()
        #expect(throws: JSONTranscodingError.messageTooLarge(limit: 4 << 20)) {
            _ = try transcoder.bytes(Array(#"{"x":\#(list),"y":[[1]],\#(twice)}"#.utf8), as: .model, way)
        }
        #expect(try transcoder.bytes(Array(#"{"id":"a"}"#.utf8), as: .model, way) == [0x0a, 1, UInt8(ascii: "a")])
    }

    @Test(arguments: ["0", "-1", "10", "-9223372036854775808", "9223372036854775807", "18446744073709551615"])
    func `an integer that is carried has all of its digits`(integer: String) throws {
        #expect(try model(#"{"x":[\#(integer)]}"#) == extras(#"{"x":[\#(integer)]}"#))
    }
}
