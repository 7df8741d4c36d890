import Testing

@testable import Transcoding

/// The rules by which a message becomes JSON; field numbers are those of Model unless said otherwise.
@Suite struct ProtobufMessageJSONTests {
    @Test func `every type of field is written under its JSON name`() throws {
        let text = try json {
            $0.string(1, "m-1")
            $0.varint(4, 2)
            $0.varint(5, 22)
            $0.bool(6, true)
            $0.message(7) { $0.timestamp(2, seconds: 1_709_208_000, nanos: 123_456_000) }
            $0.bool(12, false)
            $0.message(15) {
                $0.double(1, 4096)
                $0.double(2, 0.5)
            }
            $0.message(16) {
                $0.string(1, "4.1 GB")
                $0.int64(2, .max)
            }
            $0.double(19, 7.25)
            $0.message(25) {
                $0.int64(1, .min)
                $0.varint(2, 1)
            }
        }
        #expect(
            text
                == #"{"id":"m-1","type":"SPEED","usage":"TECHNICAL_ERROR","cloud":true,"#
                + #""created":{"value":"2024-02-29T12:00:00.123456Z"},"downloaded":false,"#
                + #""maxTokens":{"total":4096,"input":0.5},"bytes":{"readable":"4.1 GB","value":9223372036854775807},"#
                + #""parameters":7.25,"schema":{"migration":-9223372036854775808,"semantic":"MAJOR_0_MINOR_0_PATCH_1"}}"#
        )
    }

    @Test func `false, 0 and the empty string are written when they are set and only then`() throws {
        #expect(
            try json {
                $0.string(2, "")
                $0.bool(6, false)
                $0.double(19, 0)
                $0.varint(4, 0)
                $0.message(26) { $0.int64(1, 0) }
            } == #"{"name":"","type":"UNKNOWN","cloud":false,"parameters":0,"score":{"automatic":0}}"#
        )
        #expect(try json { $0.message(26) { _ in } } == #"{"score":{}}"#)
    }

    @Test func `repeated messages are an array`() throws {
        #expect(
            try json(of: .models) {
                $0.message(1) { $0.string(1, "a") }
                $0.message(1) { _ in }
                $0.message(3) { $0.int64(2, -1) }
                $0.message(1) { $0.string(1, "b") }
            } == #"{"iterable":[{"id":"a"},{},{"id":"b"}],"score":{"manual":-1}}"#
        )
    }

    @Test func `the answer of deleting a cache is written`() throws {
        #expect(
            try json(of: .modelDeleteCacheOutput) {
                $0.message(1) { $0.string(1, "x") }
                $0.additionalProperties(#"{"more":[]}"#)
            } == #"{"model":{"id":"x"},"more":[]}"#
        )
    }

    @Test func `every enum value is written without its prefix`() throws {
        let types = ["UNKNOWN", "BALANCED", "SPEED", "ACCURACY"]
        let usages = [
            "UNKNOWN", "OCR", "CODE_CLASSIFICATION", "TEXT_VS_CODE", "TAGIFY_CODE", "TLP_TAG_SEARCH",
            "TLP_NEURAL_CODE_SEARCH", "TAGIFY_COLOR_FROM_CODE", "CODE_DESCRIPTION", "CODE_TITLE", "CODE_SEARCH_QUERIES",
            "CODE_EXTRACTIVE_TAGS", "CODE_EXTRACTIVE_LINKS", "CODE_CONVERSATION", "CODE_GENERATION", "CODE_SEARCH",
            "CODE_DISCOVERY", "CODE_RELATED_PEOPLE", "CODE_FRAMEWORK", "VIDEO_OCR", "TEXT_VS_CODE_SEGMENTATION",
            "TEXT_EMBEDDING", "TECHNICAL_ERROR",
        ]
        for (number, name) in types.enumerated() {
            #expect(try json { $0.varint(4, UInt64(number)) } == #"{"type":"\#(name)"}"#)
        }
        for (number, name) in usages.enumerated() {
            #expect(try json { $0.varint(5, UInt64(number)) } == #"{"usage":"\#(name)"}"#)
        }
        for (number, name) in ["UNKNOWN", "MAJOR_0_MINOR_0_PATCH_1"].enumerated() {
            #expect(
                try json { $0.message(25) { $0.varint(2, UInt64(number)) } } == #"{"schema":{"semantic":"\#(name)"}}"#
            )
        }
    }

    @Test(arguments: [4, 23, 1000, Int64(Int32.max), -1, Int64(Int32.min)])
    func `an enum number that is not in the enum is an error`(number: Int64) {
        #expect(throws: RequestError.invalid(field: "type", reason: "is \(number), which is no ModelType")) {
            try json { $0.int64(4, number) }
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a double that is no number is an error by name`(value: Double) {
        let error = RequestError.invalid(field: "max_tokens.input", reason: "is \(value), which JSON cannot say")
        #expect(throws: error) { try json { $0.message(15) { $0.double(2, value) } } }
    }

    @Test func `a time out of range is an error by name`() {
        let error = RequestError.invalid(
            field: "created.value",
            reason: "is not in the years 0001 to 9999: 253402300800 seconds"
        )
        #expect(throws: error) { try json { $0.message(7) { $0.timestamp(2, seconds: 253_402_300_800) } } }
    }

    @Test func `an error in a repeated message names the element`() {
        #expect(throws: RequestError.invalid(field: "iterable[1].type", reason: "is 9, which is no ModelType")) {
            try json(of: .models) {
                $0.message(1) { _ in }
                $0.message(1) { $0.varint(4, 9) }
            }
        }
    }

    @Test func `an unset total of tokens is null, because the schema requires it, and nothing else is`() throws {
        #expect(try json { $0.message(15) { _ in } } == #"{"maxTokens":{"total":null}}"#)
        #expect(try json { $0.message(15) { $0.double(3, 1) } } == #"{"maxTokens":{"total":null,"output":1}}"#)
    }

    @Test func `a total that additional properties carry is not doubled`() throws {
        #expect(
            try json { $0.message(15) { $0.additionalProperties(#"{"total":9007199254740993}"#) } }
                == #"{"maxTokens":{"total":9007199254740993}}"#
        )
        #expect(
            try json { $0.message(15) { $0.additionalProperties(#"{"t\u006ftal" : null}"#) } }
                == #"{"maxTokens":{"t\u006ftal" : null}}"#
        )
    }

    @Test func `members of additional properties follow the typed fields as they are`() throws {
        #expect(
            try json {
                $0.string(1, "m")
                $0.additionalProperties(#" {"parameters":null, "new" : [ 1.0 ,{}]} "#)
            } == #"{"id":"m","parameters":null,"new" : [ 1.0 ,{}]}"#
        )
        #expect(try json { $0.additionalProperties("{}") } == "{}")
    }

    @Test func `what a typed field could not carry is written from additional properties`() throws {
        #expect(
            try json {
                $0.message(16) { $0.additionalProperties(#"{"value":9223372036854775808}"#) }
                $0.additionalProperties(#"{"type":"NEW","created":7}"#)
            } == #"{"bytes":{"value":9223372036854775808},"type":"NEW","created":7}"#
        )
    }

    @Test func `a typed field that is set wins over a member of the same name, however that is spelled`() throws {
        #expect(
            try json {
                $0.string(2, "typed")
                $0.message(15) { $0.double(1, 1) }
                $0.additionalProperties(#"{"name":1,"n\u0061me":2,"max_tokens":3,"m\u0061xTokens":4,"Name":5}"#)
            } == #"{"name":"typed","maxTokens":{"total":1},"max_tokens":3,"Name":5}"#
        )
    }

    @Test(arguments: ["", " ", "null", "[]", "1", "{", "{}{}", #"{"a":01}"#, #"{"a":1,}"#, "{'a':1}", "\u{FEFF}{}"])
    func `additional properties that are no JSON object are an error by name`(text: String) throws {
        do {
            let written = try json(of: .modelsCreateNewModelRequest) {
                $0.message(1) { $0.message(7) { $0.additionalProperties(text) } }
            }
            Issue.record("written as \(written)")
        } catch {
            #expect(
                error.message.hasPrefix("the field seeded_model.created.additional_properties is not the JSON text")
            )
        }
    }

    @Test func `strings are escaped`() throws {
        #expect(try json { $0.string(2, "\"\\\n\u{1}é😀") } == #"{"name":"\"\\\n\u0001é😀"}"#)
    }

    @Test func `unknown fields are not written`() throws {
        #expect(
            try json {
                $0.varint(500, 1)
                $0.string(1, "m")
                $0.string(2000, "x")
            } == #"{"id":"m"}"#
        )
    }

    @Test func `names do not depend on the calls before`() throws {
        let decoder = RequestDecoder()
        let payload = PayloadBuilder.make {
            $0.varint(4, 1)
            $0.message(15) { $0.double(1, 2) }
        }
        for _ in 0..<3 {
            #expect(try json(payload, decoder: decoder) == #"{"type":"BALANCED","maxTokens":{"total":2}}"#)
        }
    }
}
