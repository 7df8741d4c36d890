import Testing

@testable import Transcoding

/// What is JSON and what is not, and where it stops being; texts that are refused go through the strict parser last.
@Suite struct `Strict JSON parser` {
    @Test(arguments: [
        "", " ", "{", "{]", "}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,}"#, #"{"a":1 "b":2}"#, #"{"a" 1}"#, "{a:1}",
        "{'a':1}",
        #"{"a":[1,]}"#, #"{"a":[,1]}"#, #"{"a":[1 2]}"#, #"{"a":[1}"#, "{}{}", "{} x", "{}\u{0}", "nul", "truE", "NaN",
        "-", "+1",
        #"{"a":01}"#, #"{"a":-01}"#, #"{"a":1.}"#, #"{"a":.5}"#, #"{"a":1e}"#, #"{"a":1e+}"#, #"{"a":0x10}"#,
        #"{"a":Infinity}"#,
        #"{"a":1.5.5}"#, #"{"a":--1}"#, #"{"a":"}"#, #"{"a":"\x"}"#, #"{"a":"\u12"}"#, #"{"a":"\u12g4"}"#, #"{"a":"\"#,
        "{\"a\":\"\n\"}",
        "{\"a\":\"\u{1f}\"}", "{\"a\":1/**/}", "<html>", "{\u{a0}}", "{\u{c}}",
    ])
    func `what is not JSON is refused`(text: String) {
        guard case .notJSON(_, let offset?) = failure(of: text) else {
            Issue.record("\(text) was not refused as no JSON")
            return
        }
        #expect(0...text.utf8.count ~= offset)
    }

    @Test(
        arguments: [
            [0x80], [0xbf], [0xc0, 0x80], [0xc1, 0xbf], [0xc3], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf], [0xe2, 0x82],
            [0xed, 0xa0, 0x80],
            [0xed, 0xbf, 0xbf], [0xf0, 0x80, 0x80, 0x80], [0xf0, 0x8f, 0xbf, 0xbf], [0xf4, 0x90, 0x80, 0x80],
            [0xf5, 0x80, 0x80, 0x80], [0xff],
            [0xe2, 0x82, 0x28], [0xf0, 0x9f, 0x98, 0x28],
        ] as [[UInt8]]
    )
    func `a string that is not UTF-8 is refused, also where nothing is typed`(bytes: [UInt8]) {
        for name in ["id", "x"] {
            let text = Array(#"{"\#(name)":"a"#.utf8) + bytes + Array(#"b"}"#.utf8)
            guard case .notJSON = failure(of: text) else {
                Issue.record("\(bytes) was not refused")
                continue
            }
        }
    }

    @Test func `the error says what is wrong and where`() {
        #expect(failure(of: #"{"a":1,]"#) == .notJSON(reason: "no key", offset: 7))
        #expect(failure(of: #"{"a":tru}"#)?.description == "not JSON: no value at byte 5")
        #expect(failure(of: #"{"a":[1"#) == .notJSON(reason: "ends where a comma or ] is due", offset: 7))
        #expect(failure(of: Array("\u{feff}{x".utf8)) == .notJSON(reason: "no key", offset: 4))
    }

    @Test(arguments: ["[]", "[{}]", "null", "true", "1", "1.5", #""text""#, "18446744073709551616", #""\ud800""#])
    func `JSON whose top value is no object is refused as that`(text: String) {
        #expect(failure(of: text) == .notAnObject)
        #expect(failure(of: " \(text)\n") == .notAnObject)
    }

    @Test(arguments: ["", " \r\n\t"])
    func `a byte order mark in front is skipped, and only there`(space: String) throws {
        #expect(try transcoded("\u{feff}\(space){\"id\":\"a\"}", as: .model) == #"id:"a""#)
        #expect(failure(of: "\u{feff}\u{feff}{}") == .notJSON(reason: "no value", offset: 3))
        #expect(failure(of: "{\u{feff}}") == .notJSON(reason: "no key", offset: 1))
    }

    @Test(arguments: [1_000, 1_024, 1_025, 150_000])
    func `values of any depth are carried`(depth: Int) throws {
        let lists = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let objects = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        let text = #"{"x":\#(lists),"y":\#(objects),"id":"a"}"#
        let message = try transcoded(text, as: .model)
        #expect(message == extras(#"{"x":\#(lists),"y":\#(objects)}"#, behind: #"id:"a""#))
    }

    @Test func `depth that is never closed is refused`() {
        let text = #"{"x":"# + String(repeating: "[", count: 200_000)
        #expect(failure(of: text) == .notJSON(reason: "ends where a value or ] is due", offset: text.utf8.count))
    }

    @Test func `ordinary texts do not need the strict parser`() throws {
        let transcoder = JSONTranscoder()
        for seed in UInt64(0)..<1000 {
            var generator = AnswerGenerator(seed: seed, isPlain: true)
            let text = Array(generator.text(of: TestMessage.models.descriptor).utf8)
            let strict = try transcoder.bytes(text, as: .models, .strict)
            #expect(try transcoder.fastBytes(text, as: .models) == strict, "seed \(seed)")
        }
    }
}
