import Testing

@testable import Transcoding

/// What the typed fields cannot carry exactly; each text goes both ways, through simdjson and through the strict parser.
@Suite struct `Additional properties` {
    @Test func `there are none when there is nothing to carry`() throws {
        #expect(try model("{}") == "")
        #expect(try model(#"{"id":"","cloud":false,"parameters":0}"#) == #"id:"" cloud:false parameters:0.0"#)
    }

    @Test func `a member that the schema does not know is carried with all that is in it`() throws {
        #expect(
            try model(#"{"id":"a","x":[1,{"y":[],"z":{}},"\u00e9",true,null]}"#)
                == extras(#"{"x":[1,{"y":[],"z":{}},"é",true,null]}"#, behind: #"id:"a""#)
        )
    }

    @Test func `a null is carried`() throws {
        #expect(try model(#"{"parameters":null,"id":null}"#) == extras(#"{"parameters":null,"id":null}"#))
        #expect(try model(#"{"maxTokens":{"total":null}}"#) == "max_tokens:{\(extras(#"{"total":null}"#))}")
    }

    @Test func `an enum string that is not in the enum is carried, and UNKNOWN is in it`() throws {
        #expect(
            try model(#"{"type":"FASTEST","usage":"UNKNOWN"}"#) == extras(#"{"type":"FASTEST"}"#, behind: "usage:0")
        )
        #expect(try model(#"{"type":"MODEL_TYPE_SPEED"}"#) == extras(#"{"type":"MODEL_TYPE_SPEED"}"#))
    }

    @Test(arguments: [
        #"{"cloud":1}"#, #"{"cloud":"true"}"#, #"{"id":1}"#, #"{"id":true}"#, #"{"type":2}"#, #"{"created":"2024"}"#,
        #"{"created":[]}"#, #"{"parameters":"7"}"#, #"{"parameters":{}}"#, #"{"score":[]}"#,
    ])
    func `a value of another type is carried`(text: String) throws {
        #expect(try model(text) == extras(text))
    }

    @Test func `each message has its own`() throws {
        #expect(
            try model(#"{"a":1,"schema":{"b":2},"bytes":{"value":1,"c":3,"schema":{"d":4}}}"#)
                == extras(
                    #"{"a":1}"#,
                    behind: "schema:{\(extras(#"{"b":2}"#))} bytes:{value:1 schema:{\(extras(#"{"d":4}"#))} "
                        + "\(extras(#"{"c":3}"#))}"
                )
        )
    }

    @Test func `a list with one element that does not fit is carried whole`() throws {
        #expect(
            try transcoded(#"{"iterable":[{"id":"a"},1,{"id":"b"}],"score":{"manual":1}}"#, as: .models)
                == extras(#"{"iterable":[{"id":"a"},1,{"id":"b"}]}"#, behind: "score:{manual:1}")
        )
        #expect(try transcoded(#"{"iterable":[null]}"#, as: .models) == extras(#"{"iterable":[null]}"#))
        #expect(try transcoded(#"{"iterable":{}}"#, as: .models) == extras(#"{"iterable":{}}"#))
    }

    @Test func `an empty list and none are the same`() throws {
        #expect(try transcoded(#"{"iterable":[]}"#, as: .models) == "")
    }

    @Test func `a 64-bit integer is exact at both ends, and carried beyond them`() throws {
        for value in ["9223372036854775807", "-9223372036854775808", "0"] {
            #expect(try model(#"{"bytes":{"value":\#(value)}}"#) == "bytes:{value:\(value)}")
        }
        for value in ["9223372036854775808", "-9223372036854775809", "18446744073709551616", "1.0", "1e2", "-0.0"] {
            let carried = value == "1e2" ? "100.0" : value
            #expect(
                try model(#"{"bytes":{"value":\#(value)}}"#) == #"bytes:{\#(extras("{\"value\":\(carried)}"))}"#
            )
        }
    }

    @Test(arguments: [
        "9007199254740992", "-9007199254740992", "18446744073709549568", "9223372036854775808",
        "10000000000000000000000", "-36893488147419103232",
    ])
    func `an integer that a double can hold is a double`(value: String) throws {
        #expect(try model(#"{"parameters":\#(value)}"#) == "parameters:\(try #require(Double(value)))")
    }

    @Test(arguments: [
        "9007199254740993", "-9007199254740993", "18446744073709551615", "18446744073709551617",
        "100000000000000000000001", "1" + String(repeating: "0", count: 400),
    ])
    func `an integer that a double cannot hold is carried`(value: String) throws {
        #expect(try model(#"{"parameters":\#(value)}"#) == extras(#"{"parameters":\#(value)}"#))
    }

    @Test func `a decimal is the nearest double`() throws {
        for (text, value) in [
            ("0.1", 0.1), ("9007199254740993.0", 0x1p53), ("5e-324", .leastNonzeroMagnitude), ("0e999", 0),
            ("1E+2", 100),
        ] {
            #expect(try model(#"{"parameters":\#(text)}"#) == "parameters:\(value)")
        }
        #expect(try model(#"{"parameters":-0.0}"#) == "parameters:-0.0")
    }

    @Test(arguments: ["1e400", "-1e400", "1e-400", "-2E-400", "0." + String(repeating: "0", count: 400) + "1"])
    func `a decimal that would become infinite or a zero that it is not is carried`(token: String) throws {
        #expect(try model(#"{"parameters":\#(token)}"#) == extras(#"{"parameters":\#(token)}"#))
        #expect(try model(#"{"x":[0.0,\#(token)]}"#) == extras(#"{"x":[0.0,\#(token)]}"#))
    }

    @Test func `numbers that are carried keep value and kind`() throws {
        #expect(
            try model(#"{"x":[0,-1,1.0,-0.0,1e16,1.5e300,5e-324,0.1,18446744073709551615,1e2]}"#)
                == extras(#"{"x":[0,-1,1.0,-0.0,1e+16,1.5e+300,5e-324,0.1,18446744073709551615,100.0]}"#)
        )
    }

    @Test func `a string with U+0000 or a lone surrogate is carried`() throws {
        #expect(try model(#"{"id":"a\u0000b"}"#) == extras(#"{"id":"a\u0000b"}"#))
        #expect(try model(#"{"id":"\uD800x"}"#) == extras(#"{"id":"\ud800x"}"#))
        #expect(try model(#"{"id":"\udfff\ud834"}"#) == extras(#"{"id":"\udfff\ud834"}"#))
        #expect(try model(#"{"id":"\ud834\udd1e"}"#) == #"id:"𝄞""#)
        #expect(try model(#"{"type":"SPEED\u0000"}"#) == extras(#"{"type":"SPEED\u0000"}"#))
    }

    @Test func `a key with U+0000 or a lone surrogate is carried`() throws {
        #expect(try model(#"{"id\u0000":1,"\udabc":2}"#) == extras(#"{"id\u0000":1,"\udabc":2}"#))
    }

    @Test func `control characters, quotes and backslashes are escaped, and nothing else`() throws {
        #expect(
            try model(#"{"x":"\"\\\/\b\f\n\r\t\u001f\u007f\u00e9\ud83d\ude00"}"#)
                == extras("{\"x\":\"\\\"\\\\/\\u0008\\u000c\\u000a\\u000d\\u0009\\u001f\u{7f}é😀\"}")
        )
    }

    @Test func `a key is known however it is spelt`() throws {
        #expect(try model(#"{"\u0069d":"a","max\u0054okens":{}}"#) == #"id:"a" max_tokens:{}"#)
    }

    @Test func `the fields' own spelling and additional_properties are unknown members`() throws {
        let text = #"{"max_tokens":{},"additional_properties":"{}","additionalProperties":"{}"}"#
        #expect(try model(text) == extras(text))
    }

    @Test func `of duplicate members the last one wins, whatever it is`() throws {
        #expect(try model(#"{"id":"a","cloud":true,"id":"b"}"#) == #"cloud:true id:"b""#)
        #expect(try model(#"{"id":"a","id":null}"#) == extras(#"{"id":null}"#))
        #expect(try model(#"{"id":null,"id":"a"}"#) == #"id:"a""#)
        #expect(try model(#"{"x":1,"y":2,"\u0078":3}"#) == extras(#"{"y":2,"x":3}"#))
        #expect(try model(#"{"schema":{"migration":1},"schema":{"semantic":"UNKNOWN"}}"#) == "schema:{semantic:0}")
        #expect(try model(#"{"\u0000":1,"\ud800":1,"\u0000":2,"\uD800":3}"#) == extras(#"{"\u0000":2,"\ud800":3}"#))
    }

    @Test func `of two lists the last one wins`() throws {
        #expect(try transcoded(#"{"iterable":[{"id":"a"}],"iterable":[]}"#, as: .models) == "")
        #expect(
            try transcoded(#"{"iterable":[1],"iterable":[{"id":"a"}]}"#, as: .models) == #"iterable:{id:"a"}"#
        )
    }

    @Test func `of very many duplicate members the last one wins`() throws {
        let members = (0..<3000).map { #""m\#($0 % 1000)":\#($0)"# }
        let last = members.suffix(1000)
        #expect(try model("{\(members.joined(separator: ","))}") == extras("{\(last.joined(separator: ","))}"))
    }
}

/// How `WireText` shows `additional_properties` with this text, behind other fields.
func extras(_ text: String, behind fields: String = "") -> String {
    (fields.isEmpty ? "" : fields + " ") + "additional_properties:\(text.debugDescription)"
}
