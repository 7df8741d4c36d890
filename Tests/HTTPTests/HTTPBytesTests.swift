import Testing

@testable import HTTP

struct HTTPBytesTests {
    @Test(arguments: UInt8.min...UInt8.max)
    func `the first control character is found wherever it is, and nothing else is taken for one`(byte: UInt8) {
        let isControl = byte < 0x20 && byte != UInt8(ascii: "\t") || byte == 0x7F
        for other in [UInt8(ascii: "x"), UInt8(ascii: "\t"), 0x80, 0xFF] {
            for count in 1..<20 {
                for position in 0..<count {
                    var bytes = [UInt8](repeating: other, count: count)
                    bytes[position] = byte
                    #expect(bytes.withUnsafeBytes { $0.firstControl } == (isControl ? position : count))
                    // What comes behind it makes no difference, and what lies behind the end is not looked at.
                    bytes += [0]
                    #expect(bytes.withUnsafeBytes { $0.firstControl } == (isControl ? position : count))
                    let shorter = bytes.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0.dropLast()).firstControl }
                    #expect(shorter == (isControl ? position : count))
                }
            }
        }
    }

    @Test(arguments: [
        ("", []), (" \t", []), (",, ,", []), ("a", ["a"]), (" a ,\tb c\t,", ["a", "b c"]), ("a,b,,c", ["a", "b", "c"]),
    ])
    func `a list is its elements without the whitespace around them, and without empty ones`(
        list: String,
        elements: [String]
    ) {
        var found: [String] = []
        Array(list.utf8).withUnsafeBytes { $0.forEachElement { found.append(String(decoding: $0, as: UTF8.self)) } }
        #expect(found == elements)
    }

    @Test func `words are compared without case`() {
        func isClose(_ text: String) -> Bool { Array(text.utf8).withUnsafeBytes { $0.isWord("close") } }
        #expect(["close", "CLOSE", "cLoSe"].allSatisfy(isClose))
        #expect(!["", "clos", "closed", "clo5e", "\u{3}lose"].contains(where: isClose))
    }

    @Test func `names are made of what RFC 9110 lists`() {
        let listed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8
        for byte in UInt8.min...UInt8.max { #expect(byte.isHTTPTokenCharacter == listed.contains(byte)) }
    }
}
