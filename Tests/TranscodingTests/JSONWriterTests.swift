import Bytes
import Testing

@testable import Transcoding

@Suite struct JSONWriterTests {
    private func number(_ value: Double) throws(RequestError) -> String {
        var json = ByteBuffer(capacity: 1)
        try json.appendJSONNumber(value)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private func string(_ text: String) -> String {
        var json = ByteBuffer(capacity: 1)
        text.withCString(encodedAs: UTF8.self) { json.appendJSONString($0) }
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test(
        arguments: [
            (0, "0"), (4096, "4096"), (-7, "-7"), (0.5, "0.5"), (3.8, "3.8"), (-0.0, "-0.0"),
            (9_007_199_254_740_991, "9007199254740991"), (-9_007_199_254_740_991, "-9007199254740991"),
            (0.1 + 0.2, "0.30000000000000004"), (.leastNonzeroMagnitude, "5e-324"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
        ] as [(Double, String)]
    )
    func `a double is the shortest decimal that reads back, whole numbers without a fraction`(
        value: Double,
        text: String
    ) throws {
        #expect(try number(value) == text)
    }

    @Test func `every double reads back as itself`() throws {
        var random = SplitMix64(seed: 11)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            let text = try number(value)
            #expect(Double(text)?.bitPattern == value.bitPattern)
            #expect(isJSON(#"{"a":\#(text)}"#))
        }
    }

    @Test func `a double at and beyond 2^53 is still a number that reads back`() throws {
        for value in [9_007_199_254_740_992, 1e16, 9.3e18, -1e19, 1e22, 1e300] {
            #expect(Double(try number(value)) == value)
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, .signalingNaN])
    func `what is no finite number is an error`(value: Double) {
        #expect(throws: RequestError.self) { try number(value) }
    }

    @Test func `a string escapes quote, backslash and control characters and nothing else`() {
        #expect(string("") == #""""#)
        #expect(string(#"a"b\c/d"#) == #""a\"b\\c/d""#)
        #expect(string("\u{8}\t\n\u{C}\r") == #""\b\t\n\f\r""#)
        #expect(string("\u{1}\u{B}\u{F}\u{10}\u{1F}\u{7F}") == "\"\\u0001\\u000b\\u000f\\u0010\\u001f\u{7F}\"")
        #expect(string("é 😀 \u{2028}") == "\"é 😀 \u{2028}\"")
        #expect(string("\u{1}\u{1}") == #""\u0001\u0001""#)
    }

    @Test func `members are separated by commas`() {
        var json = ByteBuffer(capacity: 1)
        json.append("{")
        json.appendJSONMemberName(Array("a".utf8))
        json.append("1")
        json.appendJSONMemberName(Array("b".utf8))
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"a":1,"b":"#)
    }
}
