import Bytes
import Testing

@testable import Transcoding

@Suite struct JSONMembersTests {
    /// The members that are left when those of the given names were removed.
    private func rest(of text: String, without names: [String] = []) throws(RequestError) -> String {
        let arena = Arena(budget: 32 << 20)
        var bytes = Array(text.utf8)
        bytes.append(0)
        return try bytes.withUnsafeBufferPointer { buffer throws(RequestError) in
            guard let start = buffer.baseAddress else { preconditionFailure("an array of one byte at least") }
            let members = try JSONMembers(of: start, in: arena)
            for name in names {
                #expect(members.contains(Array(name.utf8)))
                members.remove(Array(name.utf8))
            }
            var json = ByteBuffer(capacity: 1)
            json.append("{")
            members.append(to: &json)
            return String(decoding: json.bytes, as: UTF8.self) + "}"
        }
    }

    @Test func `members are written byte for byte as they stand`() throws {
        #expect(try rest(of: "{}") == "{}")
        #expect(
            try rest(of: #" { "a" : 1.50e+02 , "\u0062":[ 9223372036854775808 , "\ud800" ],"c":1e400 } "#)
                == #"{"a" : 1.50e+02,"\u0062":[ 9223372036854775808 , "\ud800" ],"c":1e400}"#
        )
    }

    @Test func `of duplicates the last is written`() throws {
        #expect(try rest(of: #"{"a":1,"b":2,"a":3}"#) == #"{"b":2,"a":3}"#)
        #expect(try rest(of: #"{"a":1,"\u0061":2,"\u0061":3}"#) == #"{"\u0061":3}"#)
        #expect(try rest(of: #"{"a/":1,"a\/":2}"#) == #"{"a\/":2}"#)
    }

    @Test(arguments: [
        (#"\u0061"#, "a"), (#"\u00e9"#, "é"), (#"\u00E9"#, "é"), (#"\u20ac"#, "€"), (#"\uD83D\uDE00"#, "😀"),
        (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"), (#"\u0000"#, "\0"), (#"x\u0079z"#, "xyz"), ("", ""),
    ])
    func `names are equal when what they stand for is`(escaped: String, plain: String) throws {
        #expect(try rest(of: #"{"\#(escaped)":1,"other":2}"#, without: [plain]) == #"{"other":2}"#)
    }

    @Test func `names of every length are found again`() throws {
        func members(_ value: Int) -> String {
            (0..<40).map { #""\#(String(repeating: "a", count: $0))":\#(value)"# }.joined(separator: ",")
        }
        #expect(try rest(of: "{\(members(1)),\(members(2))}") == "{\(members(2))}")
        #expect(try rest(of: "{\(members(1))}", without: (0..<40).map { String(repeating: "a", count: $0) }) == "{}")
    }

    @Test(arguments: 1..<40)
    func `names of every length are equal to themselves with an escape`(length: Int) throws {
        let name = String(repeating: "é", count: length / 2) + String(repeating: "a", count: length - length / 2 * 2)
        let rest = name.dropFirst()
        let escaped = (name.first == "a" ? #"\u0061"# : #"\u00e9"#) + rest
        #expect(try self.rest(of: #"{"\#(name)":1,"\#(escaped)":2}"#) == #"{"\#(escaped)":2}"#)
        #expect(try self.rest(of: #"{"\#(escaped)":1,"other":2}"#, without: [name]) == #"{"other":2}"#)
    }

    @Test func `members are written whatever is left out between them`() throws {
        let names = ["a", "b", "c", "d", "e"]
        for removed in 0..<1 << names.count {
            let isLeft = { (index: Int) in removed >> index & 1 == 0 }
            let gone = names.indices.filter { !isLeft($0) }.map { names[$0] }
            let members = names.map { #""\#($0)":"\#($0), \#($0)""# }
            let left = names.indices.filter(isLeft).map { members[$0] }.joined(separator: ",")
            for separator in [",", " ,", ", ", "\n,\t"] {
                #expect(try rest(of: "{\(members.joined(separator: separator))}", without: gone) == "{\(left)}")
            }
        }
    }

    @Test func `names that only look alike are different`() throws {
        // The same é, composed and decomposed; lone surrogates; a pair the wrong way round; a prefix.
        let text =
            #"{"\u00e9":1,"e\u0301":2,"\ud83d":3,"\ude00":4,"\ude00\ud83d":5,"\ud83d\ud83d\ude00":6,"a":7,"A":8,"aa":9}"#
        #expect(try rest(of: text) == text)
    }

    @Test func `a lone surrogate before another escape is itself`() throws {
        let text = #"{"\ud83d\u0061":1,"\ud83d\n":2,"\ud83d":3,"\ud83da":4}"#
        #expect(try rest(of: text) == #"{"\ud83d\n":2,"\ud83d":3,"\ud83da":4}"#)
    }

    @Test func `hundreds of thousands of members take time and memory in proportion`() throws {
        let distinct = (0..<300_000).map { #""\#($0)":0"# }.joined(separator: ",")
        #expect(try rest(of: "{\(distinct)}") == "{\(distinct)}")
        let same = Array(repeating: #""":0"#, count: 800_000).joined(separator: ",")
        #expect(try rest(of: "{\(same)}") == #"{"":0}"#)
    }

    @Test func `members that the budget has no room for are an error`() throws {
        let arena = Arena(budget: 64)
        try #require("{\"a\":1}".withCString(encodedAs: UTF8.self) { try? JSONMembers(of: $0, in: arena) } != nil)
        #expect(throws: RequestError.tooMuchMemory(budget: 64)) {
            _ = try "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5}".withCString(encodedAs: UTF8.self) {
                try JSONMembers(of: $0, in: arena)
            }
        }
    }

    @Test func `what is no object is an error that says where`() {
        #expect(throws: RequestError.invalid("is not the JSON text of one object: unexpected at byte 0")) {
            try rest(of: "[1]")
        }
    }
}
