import Bytes
import Testing

struct JSONEscapesTests {
    private func escaped(_ bytes: [UInt8], _ style: JSONEscapes.Style) -> String {
        var text = ByteBuffer(capacity: 1)
        bytes.withUnsafeBytes { text.append(escaping: $0, style) }
        return String(decoding: text.bytes, as: UTF8.self)
    }

    @Test func `control characters, quotes and backslashes are escaped, in the style that is asked for`() {
        let text = Array("\u{0}\u{8}\t\n\u{B}\u{C}\r\u{1F} \"/\\\u{7F}".utf8)
        #expect(escaped(text, .letters) == #"\u0000\b\t\n\u000b\f\r\u001f \"/\\"# + "\u{7F}")
        #expect(escaped(text, .numbers) == #"\u0000\u0008\u0009\u000a\u000b\u000c\u000d\u001f \"/\\"# + "\u{7F}")
    }

    @Test func `every other character means itself`() {
        for scalar in (0x20...0x10FFFF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)
        where scalar != "\"" && scalar != "\\" && (scalar.value < 0x3000 || scalar.value % 0x35 == 0) {
            let text = String(scalar)
            #expect(escaped(Array(text.utf8), .letters) == text)
        }
        #expect(escaped(Array("\u{D7FF}\u{E000}".utf8), .numbers) == "\u{D7FF}\u{E000}")
    }

    @Test func `a surrogate is escaped by its number, wherever it is`() {
        #expect(escaped([0xED, 0xA0, 0x80], .letters) == #"\ud800"#)
        #expect(escaped([0x61, 0xED, 0xBF, 0xBF, 0x62], .numbers) == #"a\udfffb"#)
        #expect(escaped([0xED, 0xB8, 0x80, 0xED, 0xA0, 0xBD], .numbers) == #"\ude00\ud83d"#)
    }

    @Test func `what is escaped is found at every place, and nothing but it`() {
        let specials: [([UInt8], String)] = [
            ([0x01], #"\u0001"#), ([0x0A], #"\n"#), ([0x22], #"\""#), ([0x5C], #"\\"#),
            ([0xED, 0xA0, 0x80], #"\ud800"#), (Array("퟿".utf8), "퟿"),
        ]
        for (special, escape) in specials {
            for place in 0..<24 {
                let (front, back) = (String(repeating: "a", count: place), String(repeating: "é", count: 23 - place))
                let text = escaped(Array(front.utf8) + special + Array(back.utf8), .letters)
                #expect(text == front + escape + back)
            }
        }
    }

    @Test(arguments: [JSONEscapes.Style.letters, .numbers])
    func `a long text is what its characters are, and nothing is written behind it`(style: JSONEscapes.Style) {
        let parts: [[UInt8]] = [
            [0x01], [0x0A], [0x1F], [0x22], [0x5C], [0x61], [0x7F], Array("é".utf8), Array("퟿".utf8),
            [0xED, 0xA0, 0x80], Array("plain for a while".utf8), [UInt8](repeating: 0x02, count: 33),
        ]
        var state: UInt64 = 7
        for count in 0..<200 {
            let chosen = (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return parts[Int(state >> 33) % parts.count]
            }
            let text = [UInt8](chosen.joined())
            let expected = chosen.map { escaped($0, style) }.joined()
            text.withUnsafeBytes { text in
                let length = JSONEscapes.length(of: text, style)
                #expect(length == expected.utf8.count)
                var written = [UInt8](repeating: 0xAA, count: length + 8)
                written.withUnsafeMutableBytes { bytes in
                    if let start = bytes.baseAddress { JSONEscapes.write(text, style, at: start) }
                }
                #expect(written == Array(expected.utf8) + [UInt8](repeating: 0xAA, count: 8))
            }
        }
    }

    @Test func `a string has quotes around it`() {
        var json = Array(":".utf8)
        Array("a\nb".utf8).withUnsafeBytes { json.append(jsonString: $0) }
        [UInt8]().withUnsafeBytes { json.append(jsonString: $0) }
        #expect(String(decoding: json, as: UTF8.self) == #":"a\nb""""#)
    }
}
