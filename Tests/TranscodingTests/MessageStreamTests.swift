import Testing

@testable import Transcoding

@Suite struct `Message stream` {
    @Test(arguments: [1, 2, 3, 7, 64, 1000])
    func `generated answers in chunks are what they are in one piece`(chunkSize: Int) throws {
        let transcoder = JSONTranscoder()
        for seed in UInt64(0)..<200 {
            var generator = AnswerGenerator(seed: seed)
            let text = Array(generator.text(of: TestMessage.models.descriptor).utf8)
            let messages = try streamed(text.chunks(of: chunkSize), with: transcoder)
            #expect(messages.count == 1)
            #expect(try fields(messages) == fields([transcoder.bytes(text, as: .models)]), "seed \(seed)")
        }
    }

    @Test(arguments: [
        #"{"iterable":[{"id":"a"},{"id":"b","x":[{"y":"]}"}]}],"schema":{"migration":1}}"#,
        #" { "score" : {"manual":1,"x":"}]{["} , "\u0069terable" : [ {} , {"id":"\\\"]}"} , {"z":"\\"} ] , "y" : [[1],{}] } "#,
        #"{"iterable":[],"iterables":[{"id":"a"}],"x":{"iterable":[{"id":"b"}]}}"#,
        #"{"x":"iterable","iterable":null,"schema":{"iterable":[1]}}"#,
        #"{"iterable":{"iterable":[{}]},"iterable":[{"id":"a"}]}"#,
        "\u{feff}{\"iterable\":[{\"name\":\"Größe 😀\"}]}", "{}",
    ])
    func `a border at every byte changes nothing`(text: String) throws {
        let text = Array(text.utf8)
        let whole = try fields([JSONTranscoder().bytes(text, as: .models)])
        for border in 0...text.count {
            #expect(try fields(streamed([text[..<border], text[border...]])) == whole, "border at \(border)")
            // Each model in a message of its own.
            #expect(try fields(streamed([text[..<border], text[border...]], partSize: 1)) == whole)
        }
    }

    @Test func `parts hold models alone, and the rest comes in the last message together`() throws {
        let text = #"{"x":1,"schema":{"migration":1},"iterable":[{"id":"a"},{"id":"b"}],"y":2,"score":{"manual":3}}"#
        let messages = try streamed([Array(text.utf8)[...]], partSize: 1)
        #expect(
            try messages.map { try WireText.of($0, TestMessage.models.descriptor) } == [
                #"iterable:{id:"a"}"#, #"iterable:{id:"b"}"#,
                extras(#"{"x":1,"y":2}"#, behind: "schema:{migration:1} score:{manual:3}"),
            ]
        )
    }

    @Test func `an answer without models is one message, and one whose models have all been sent needs no other`()
        throws
    {
        #expect(try streamed([Array("{}".utf8)[...]]) == [[]])
        #expect(try streamed([Array(#"{"iterable":[]}"#.utf8)[...]]) == [[]])
        #expect(try streamed([Array(#"{"iterable":[{}]}"#.utf8)[...]], partSize: 1) == [[0x0a, 0]])
    }

    @Test func `a long list leaves in messages of the part size while it arrives`() throws {
        let model = #"{"id":"0123456789","description":"\#(String(repeating: "d", count: 1000))"}"#
        let text = Array((#"{"iterable":["# + repeatElement(model, count: 1000).joined(separator: ",") + "]}").utf8)
        let messages = try streamed(text.chunks(of: 16 << 10), partSize: 64 << 10)
        #expect(messages.count == 16)
        #expect(messages.dropLast().allSatisfy { 64 << 10..<66 << 10 ~= $0.count })
        #expect(try fields(messages) == fields([JSONTranscoder().bytes(text, as: .models)]))
    }

    @Test func `the first message leaves early, and the later ones are larger`() throws {
        let model = #"{"id":"0123456789","description":"\#(String(repeating: "d", count: 350))"}"#
        let text = Array((#"{"iterable":["# + repeatElement(model, count: 5_000).joined(separator: ",") + "]}").utf8)
        var sizes: [Int] = []
        var stream = MessageStream(transcoder: JSONTranscoder(), schema: TestMessage.models.listSchema)
        for chunk in text.chunks(of: 16 << 10) {
            try chunk.withUnsafeBytes { (chunk) throws in try stream.consume(chunk) { sizes.append($0.count) } }
        }
        try stream.finish { sizes.append($0.count) }
        #expect(64 << 10..<65 << 10 ~= sizes[0])
        #expect(sizes.dropFirst().dropLast().allSatisfy { 256 << 10..<257 << 10 ~= $0 })
        #expect(sizes.count == 8)
    }

    @Test func `no message is longer than a frame has room for`() throws {
        let text = listOf((0..<3).map { _ in description(of: 3 << 20) })
        let messages = try streamed(text.chunks(of: 1 << 20), partSize: 100 << 20)
        #expect(messages.map(\.count).max() ?? 0 < JSONTranscoder.maximumMessage)
        #expect(messages.count == 3)
    }

    @Test func `one model that is longer than a message is an error, sent or not`() {
        let limit = JSONTranscodingError.messageTooLarge(limit: JSONTranscoder.maximumMessage)
        #expect(outcome(listOf([description(of: 4 << 20)])) == Outcome(count: 0, error: limit))
        #expect(outcome(listOf(["{}", description(of: 4 << 20)])) == Outcome(count: 1, error: limit))
        #expect(outcome(listOf([description(of: 17 << 20)])) == Outcome(count: 0, error: limit))
    }

    @Test func `what is kept of the top object is bounded`() {
        let text = Array(#"{"x":"\#(String(repeating: "x", count: 17 << 20))","iterable":[]}"#.utf8)
        #expect(outcome(text).error == .tooLarge(limit: MessageStream.maximumText))
    }

    @Test(arguments: [
        #"{"iterable":[{"id":"a"},1,{"id":"b"}],"schema":{"migration":1}}"#, #"{"iterable":[null]}"#,
        #"{"iterable":[[{}]]}"#,
        #"{"iterable":[{"id":"a"}],"iterable":[{"id":"b"}]}"#, #"{"iterable":[{"id":"a"}],"\u0069terable":5}"#,
        #"{"iterable":[{"id":"a"}],"iterable":[]}"#,
    ])
    func `a list that cannot be sent in parts is what it is in one piece, if nothing was sent`(text: String) throws {
        let text = Array(text.utf8)
        let whole = try fields([JSONTranscoder().bytes(text, as: .models)])
        for border in 0...text.count {
            #expect(try fields(streamed([text[..<border], text[border...]])) == whole)
        }
    }

    @Test(
        arguments: [
            (#"{"iterable":[{"id":"a"},1,{"id":"b"}]}"#, .misfitElement), (#"{"iterable":[{},null]}"#, .misfitElement),
            (#"{"iterable":[{}],"iterable":[{}]}"#, .secondList),
            (#"{"iterable":[{}],"it\u0065rable":1}"#, .secondList),
        ] as [(String, JSONTranscodingError)]
    )
    func `a list that cannot be sent in parts is an error, if a part was sent`(
        text: String,
        error: JSONTranscodingError
    ) {
        for chunkSize in 1...text.utf8.count {
            #expect(outcome(Array(text.utf8), chunkSize: chunkSize) == Outcome(count: 1, error: error))
        }
    }

    @Test func `a text that ends early is an error wherever it ends`() {
        let text = Array(#"{"x":1,"iterable":[{"id":"a"},{"id":"b"}],"y":[2]}"#.utf8)
        for end in 0..<text.count {
            guard case .notJSON = outcome(Array(text[..<end]), chunkSize: 5).error else {
                Issue.record("cut at \(end) was not refused")
                continue
            }
        }
    }

    @Test(arguments: [
        #"{"iterable":[{"id":"a"},]}"#, #"{"iterable":[,{"id":"a"}]}"#, #"{"iterable":[{"id":"a"}{"id":"b"}]}"#,
        #"{"iterable":[{"id":"a"}]}x"#, #"{"iterable":[{"id":"a"}]}{}"#, #"{"iterable":[{"id":"a"}}"#,
        #"{"iterable":[{"id":"a"]]}"#,
        #"{"iterable":[{"id":"a",}]}"#, #"{"iterable":[{"id":tru}]}"#, #"{"iterable":[{}]"x":1}"#, #"{"iterable"[{}]}"#,
        #"{"iterable":1[{}]}"#, #"{"iterable":[{}]1}"#, #"{"iterable":]}"#, #"{,"iterable":[{}]}"#,
        #"{"iterable":[{}],}"#,
        #"{"x":1 2,"iterable":[{}]}"#, #"{"x":"\x","iterable":[{}]}"#, #"{"iterable":[x]}"#, "<html>",
        #"{"iterable":[{}]]}"#, "\u{feff}",
    ])
    func `what is not JSON is an error, whether a part was sent or not`(text: String) {
        for (chunkSize, partSize) in [(1, 1), (3, 1), (1, 1000), (1000, 1), (1000, 1000)] {
            guard case .notJSON = outcome(Array(text.utf8), chunkSize: chunkSize, partSize: partSize).error else {
                Issue.record("\(text) was not refused")
                continue
            }
        }
    }

    @Test func `a top value that is no object is refused at its first byte`() {
        for text in ["[{}", "1", "\"a", " null", "-"] {
            #expect(outcome(Array(text.utf8)).error == .notAnObject)
        }
    }

    @Test func `an error in an element says where it is in the whole text`() {
        let text = #"{"iterable":[{"id":"a"},{"id":x}]}"#
        for chunkSize in [1, 4, 1000] {
            #expect(
                outcome(Array(text.utf8), chunkSize: chunkSize).error == .notJSON(reason: "no value", offset: 30)
            )
        }
    }

    @Test func `elements that come together are those that come alone`() throws {
        let elements = (0..<40).map { index in
            switch index % 5 {
            case 0: #"{"id":"\#(index)"} "#
            case 1: "{}"
            case 2: #" {"id":"a","id":"b","x":[1 , 2]}"#
            case 3: #"{"name":"\ud800"}"#
            default: description(of: index * 7)
            }
        }
        let text = listOf(elements)
        let alone = try fields(streamed(text.chunks(of: text.count), partSize: 1))
        for chunkSize in [1, 50, 200, text.count] {
            #expect(try fields(streamed(text.chunks(of: chunkSize))) == alone)
        }
        #expect(try alone == fields([JSONTranscoder().bytes(text, as: .models)]))
    }

    @Test func `of elements that come together, the first that is wrong is the error`() {
        let good = Array(repeating: #"{"id":"a"}"#, count: 20)
        let text = listOf(good + [#"{"id":x}"#] + good)
        #expect(outcome(text, partSize: 1000).error == .notJSON(reason: "no value", offset: 13 + 20 * 11 + 6))
    }

    @Test func `elements that simdjson refuses get through`() throws {
        let deep = String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000)
        let text = Array(#"{"iterable":[{"x":1e400},{"id":"\ud800"},{"x":\#(deep)},{"id":"\u0000"}]}"#.utf8)
        #expect(
            try fields(streamed(text.chunks(of: 100), partSize: 1))
                == fields([JSONTranscoder().bytes(text, as: .models)])
        )
    }
}
