import Testing

@testable import Transcoding

/// Texts with and without whitespace between their tokens.
@Suite struct `Fast message writer` {
    private let transcoder = JSONTranscoder()

    /// All ways agree, and an index was enough; a text without whitespace needs none.
    private func expectAgreement(on text: String) throws {
        let bytes = Array(text.utf8)
        let indexed = try #require(try transcoder.indexedBytes(bytes, as: .model), "\(text)")
        #expect(try indexed == transcoder.bytes(bytes, as: .model, .strict), "\(text)")
        if let compact = try transcoder.compactBytes(bytes, as: .model) { #expect(compact == indexed, "\(text)") }
    }

    private static let long = String(repeating: "ö\n", count: 100).replacing("\n", with: #"\n"#)
    private static let model =
        #"{"id":"a\"\u00e4ö","version":"\#(long)","created":{"value":"2024-05-17T09:30:00.1Z"},"cpu":null,"cloud":true,"#
        + #""parameters":7.25,"maxTokens":{"total":4096},"bytes":{"value":-9007199254740993},"type":"SPEED","name":""}"#

    @Test(arguments: ["", #","x":[{}]"#, #","usage":"X""#, #", "usage":"TEXT""#, #","name":"\ud800""#, #","cpu":1"#])
    func `what Pieces OS sends needs no index, and of lists only what is seldom does`(seldom: String) throws {
        let odd = Self.model.dropLast() + seldom + "}"
        let text = Array(#"{"iterable":[\#(Self.model),\#(odd),\#(Self.model)],"score":null}"#.utf8)
        let compact = try transcoder.compactBytes(text, as: .models)
        #expect(try compact == transcoder.indexedBytes(text, as: .models))
        if let compact { #expect(try compact == transcoder.bytes(text, as: .models, .strict)) }
        // What an index is not enough for is left to the strict parser.
        #expect((compact == nil) == [#","name":"\ud800""#, #","cpu":1"#].contains(seldom))
    }

    @Test func `a text that is cut off is not read to its end, although that is there`() throws {
        let text = Array(
            #"{"iterable":[\#(Self.model),\#(Self.model),{"schema":{}},{}],"schema":{"migration":1}}"#.utf8
        )
        let padded = text + Array(repeating: UInt8(ascii: "}"), count: JSONTranscoder.padding)
        for count in 0..<text.count {
            let isTaken = padded.withUnsafeBytes { padded in
                (try? transcoder.transcodeCompact(.init(rebasing: padded[..<count]), as: TestMessage.models.schema))
                    != nil
            }
            #expect(!isTaken, "\(count)")
        }
        #expect(try transcoder.compactBytes(text, as: .models) != nil)
    }

    @Test func `changed texts are taken as the strict parser takes them`() throws {
        let text = Array(#"{"iterable":[\#(Self.model),{"schema":{"migration":0}}],"schema":{"migration":1}}"#.utf8)
        let bytes = Array(#"{}[],:"\ ntfe09-.u"#.utf8) + [0, 0x1f, 0x80, 0xc3, 0xff]
        var random = SplitMix64(seed: 1)
        for _ in 0..<4000 {
            var changed = text
            for _ in 0...Int.random(in: 0...1, using: &random) {
                let place = Int.random(in: 0..<changed.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: changed.remove(at: place)
                case 1: changed.insert(bytes.randomElement(using: &random) ?? 0, at: place)
                default: changed[place] = bytes.randomElement(using: &random) ?? 0
                }
            }
            let strict = try? transcoder.bytes(changed, as: .models, .strict)
            if let compact = try transcoder.compactBytes(changed, as: .models) { #expect(compact == strict) }
            if let indexed = try transcoder.indexedBytes(changed, as: .models) { #expect(indexed == strict) }
        }
    }

    @Test func `an object that comes again is read again, whichever member it is of`() throws {
        let objects = [
            #"{"migration":1}"#, #"{"migration":12}"#, "{}", #"{"migration":1,"semantic":"MAJOR_0_MINOR_0_PATCH_1"}"#,
            #"{"x":{}}"#, #"{ "migration" : 1 }"#, #"{"migration":-1}"#, #"{"x":"\n\u00e4","migration":null}"#,
            #"{"total":1}"#, #"{"x":[1e1,1e1,1e1,1e1,1e1,1e1,1e1,1e1,1e1,1e1,1e1,1e1,1e1,1e1]}"#,
        ]
        // What it is in is too long to be remembered after it.
        let long = String(repeating: "x", count: 64)
        for one in objects {
            for other in objects {
                try expectAgreement(on: #"{"schema":\#(one),"maxTokens":\#(other)}"#)
                try expectAgreement(on: #"{"maxTokens":{"schema":\#(one),"x":"\#(long)"},"schema":\#(other)}"#)
                try expectAgreement(on: #"{"x":\#(one),"bytes":{"schema":\#(one) } , "schema": \#(other)}"#)
            }
        }
    }

    @Test func `members may come in any order, with any whitespace, and be called nearly what they were`() throws {
        let members = [
            #""id":"a""#, #""ids":1"#, #""i":2"#, #""name" :"b""#, #""name": "c\n""#, #""cloud":true"#, #""cpu":false"#,
            #""usage":"TEXT""#, #""unique":"\\""#, #" "version" : "1""#, #""parameters":1.5"#, #""Id":3"#,
            #""additionalProperties":4"#, #""maxTokens":{"total":1}"#, #""maxTokens2":5"#, #""description":"""#,
        ]
        var random = SplitMix64(seed: 1)
        for _ in 0..<3000 {
            var names = Set<Substring>()
            let chosen = members.shuffled(using: &random).prefix(Int.random(in: 0...8, using: &random)).filter {
                names.insert($0.split(separator: "\"")[$0.first == "\"" ? 0 : 1]).inserted
            }
            try expectAgreement(on: "{\(chosen.joined(separator: ","))}")
        }
    }

    @Test func `a string is copied whole, whatever its length, and only its own backslashes count`() throws {
        for length in 0..<300 {
            let text = String(repeating: "a", count: length)
            for string in [text, text + #"\n"#, #"\\"# + text, String(text.dropLast()) + "ä"] {
                try expectAgreement(on: #"{"name":"\#(string)","\\":"\\","id":"\#(string)"}"#)
            }
        }
    }
}
