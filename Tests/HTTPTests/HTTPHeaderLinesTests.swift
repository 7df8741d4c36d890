import Testing

@testable import HTTP

struct HTTPHeaderLinesTests {
    private func lines(_ name: StaticString, _ value: [UInt8]) throws -> HTTPHeaderLines {
        var lines = HTTPHeaderLines()
        try value.withUnsafeBytes { try lines.append(name, $0) }
        return lines
    }

    @Test func `a line has the name and the value as they are`() throws {
        #expect(try lines("X-A", Array("a: b, \"c\"".utf8)).bytes == Array("X-A: a: b, \"c\"\r\n".utf8))
        #expect(try lines("x", []).bytes == Array("x: \r\n".utf8))
        #expect(try lines("x", Array(" ~".utf8)).bytes == Array("x:  ~\r\n".utf8))
    }

    @Test func `every byte is either printable ASCII or refused`() throws {
        for byte in UInt8.min...UInt8.max {
            let value = [UInt8(ascii: "a"), byte, UInt8(ascii: "b")]
            if byte >= 0x20, byte < 0x7F {
                #expect(try lines("x", value).bytes == Array("x: ".utf8) + value + Array("\r\n".utf8))
            } else {
                #expect(throws: HTTPHeaderLines.ValueError.notPrintableASCII) { try lines("x", value) }
            }
        }
    }

    @Test func `a byte that is refused is found wherever it stands`() throws {
        for count in 1...33 {
            let value = [UInt8](repeating: UInt8(ascii: "~"), count: count)
            #expect(try lines("x", value).bytes.count == count + 5)
            for place in value.indices {
                for byte in [0x00, 0x1F, 0x7F, 0x80, 0xFF] as [UInt8] {
                    var value = value
                    value[place] = byte
                    #expect(throws: HTTPHeaderLines.ValueError.notPrintableASCII) { try lines("x", value) }
                }
            }
        }
    }

    @Test func `a value has 8 KiB at most, and one that is refused leaves nothing behind`() throws {
        let longest = [UInt8](repeating: UInt8(ascii: "x"), count: 8192)
        var lines = try lines("a", longest)
        let before = lines
        #expect(lines.bytes.count == 8192 + "a: \r\n".utf8.count)
        #expect(throws: HTTPHeaderLines.ValueError.tooLong) {
            try (longest + [0x78]).withUnsafeBytes { try lines.append("b", $0) }
        }
        #expect(lines == before)
    }
}
