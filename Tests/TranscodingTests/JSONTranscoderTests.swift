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
            let text = Array(generator.text(of: MessageSchema.models.descriptor).utf8)
            let usual = try transcoder.bytes(text, as: .models)
            let strict = try transcoder.bytes(text, as: .models, .strict)
            #expect(
                try WireText.of(usual, MessageSchema.models.descriptor)
                    == WireText.of(strict, MessageSchema.models.descriptor),
                "seed \(seed)"
            )
        }
    }
}
