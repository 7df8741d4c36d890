import Testing

@testable import Transcoding

/// Whether the text is one JSON object.
func isJSON(_ text: String) -> Bool {
    (try? members(of: text)) != nil
}

private func members(of text: String) throws(JSONReader.SyntaxError) -> [String] {
    let bytes = Array(text.utf8)
    var members: [String] = []
    // A buffer of its own, so that a sanitizer sees a step beyond the end.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    var reader = JSONReader(UnsafeRawBufferPointer(copy))
    try reader.skipObject { members.append(String(decoding: bytes[$0.range], as: UTF8.self)) }
    return members
}

/// What comes behind a member that is looked at several bytes at a time.
private let tail = #""the last member":"is a longer one than those in front of it""#

@Suite struct JSONReaderTests {
    @Test func `members are found as they stand in the text`() throws {
        #expect(try members(of: "{}") == [])
        #expect(try members(of: " {\t}\r\n") == [])
        #expect(try members(of: #"{"a":1}"#) == [#""a":1"#])
        #expect(
            try members(of: #" { "a" : [ 1 , {"b":[]} ] ,"":"" , "c\"}" :{ "d" : null } } "#)
                == [#""a" : [ 1 , {"b":[]} ]"#, #""":"""#, #""c\"}" :{ "d" : null }"#]
        )
    }

    @Test(arguments: [
        "0", "-0", "1", "-12", "0.5", "10.25", "1e5", "1E+5", "1e-05", "0e0", "-0.0e-0", "1e400",
        "123456789012345678901234567890", "true", "false", "null", #""""#, #""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00""#,
        #""\ud800""#, #""\u0000""#, "\"é 😀 \u{7F}\"", "[]", "{}", "[ ]", "{ }", "[[],{}]", "[1,2]",
        #"{"a":{"b":[{}]}}"#,
        "[ 1 , 2 ]", #"[{"a":[1]},{"b":2}]"#,
    ])
    func `every legal value passes`(value: String) throws {
        let text = #"{"m":\#(value),"n":0}"#
        #expect(try members(of: text) == [#""m":\#(value)"#, #""n":0"#])
        #expect(try members(of: #"{"m":\#(value),\#(tail)}"#) == [#""m":\#(value)"#, tail])
    }

    @Test(arguments: [
        "", "-", "01", "-01", "+1", ".5", "1.", "1.e5", "1e", "1e+", "0x10", "1_000", "NaN", "Infinity", "-Infinity",
        "True", "nul", "nulll", "tru", "'a'", "\"", #""\"#, #""\x""#, #""\u12""#, #""\u12G4""#, "\"\t\"", "\"\n\"",
        "\"\u{1F}\"",
        "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1}", "{", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a" 1}"#,
        "{1:2}",
        #"{a:1}"#, #"{"a":1]"#, "]", "}", "[]]", "{}}", "//", "/**/1", "\u{FEFF}1", "\u{A0}1", "1 1",
    ])
    func `every illegal value is refused`(value: String) {
        #expect(!isJSON(#"{"m":\#(value)}"#))
        #expect(!isJSON(#"{"m":[\#(value == "" ? "," : value)]}"#))
        #expect(!isJSON(#"{"m":\#(value),\#(tail)}"#))
    }

    @Test(arguments: 0..<20)
    func `members of every length are found before others and at the end`(length: Int) throws {
        for character in ["a", "é", #"\n"#, #"\""#, ":", ","] {
            let text = String(repeating: "x", count: length) + character
            for member in [#""\#(text)":1"#, #""m":"\#(text)""#, #""\#(text)":"\#(text)""#, #""\#(text)":12"#] {
                #expect(try members(of: "{\(member),\(member),\(tail)}") == [member, member, tail])
                #expect(try members(of: "{\(tail),\(member)}") == [tail, member])
            }
        }
    }

    @Test(arguments: 0..<20)
    func `what is no string is refused, however long`(length: Int) {
        for character in ["\0", "\u{1F}", "\n", #"\x"#, #"""#] {
            let text = String(repeating: "x", count: length) + character
            #expect(!isJSON(#"{"\#(text)":1,\#(tail)}"#))
            #expect(!isJSON(#"{"m":"\#(text)",\#(tail)}"#))
        }
    }

    @Test(arguments: [
        "", " ", "null", "1", #""a""#, "[]", "[{}]", "{", "{}x", "{}{}", "{},", "\u{FEFF}{}", #"{"a":1"#, #"{"a":1,}"#,
        "{,}",
        #"{"a"}"#, "{a:1}",
    ])
    func `a text that is not one object is refused`(text: String) {
        #expect(!isJSON(text))
    }

    @Test func `the error is at the first byte that cannot be`() {
        for (text, offset) in [(#"{"a":1x}"#, 6), ("", 0), (#"{"a":1}]"#, 7), (" [1]", 1)] {
            let error = #expect(throws: JSONReader.SyntaxError.self) { try members(of: text) }
            #expect(error?.offset == offset)
        }
    }

    @Test func `every cut of a legal text is refused`() {
        let text = #"{"a":[1.5e3,{"b":"\u00e9\n"}],"c":true,"d":null}"#
        for length in 0..<text.utf8.count {
            #expect(!isJSON(String(decoding: text.utf8.prefix(length), as: UTF8.self)))
        }
        #expect(isJSON(text))
    }

    @Test func `depth is not limited`() {
        let depth = 500_000
        let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(isJSON(#"{"a":\#(arrays)}"#))
        #expect(!isJSON(#"{"a":\#(arrays.dropLast())}"#))
        let objects = String(repeating: #"{"a":"#, count: depth) + "1" + String(repeating: "}", count: depth)
        #expect(isJSON(objects))
        #expect(!isJSON(String(repeating: "[{\"a\":", count: 100) + "1" + String(repeating: "]}", count: 100)))
    }
}
