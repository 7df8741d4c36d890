import HTTP
import Testing

@testable import PiecesOS

struct ForwardedHeadersTests {
    private func headers(_ header: ForwardedHeader, _ value: [UInt8]) throws -> ForwardedHeaders {
        var headers = ForwardedHeaders()
        try value.withUnsafeBytes { try headers.append(header, $0) }
        return headers
    }

    private func line(_ header: ForwardedHeader, _ value: [UInt8]) throws -> String {
        String(decoding: try headers(header, value).lines.bytes, as: UTF8.self)
    }

    @Test func `the line has the name as it is known and the value as it is`() throws {
        #expect(try line(.application, Array("abc".utf8)) == "application: abc\r\n")
        #expect(try line(.applicationID, Array("a: b, \"c\"".utf8)) == "X-Application-ID: a: b, \"c\"\r\n")
        #expect(try line(.traceparent, []) == "traceparent: \r\n")
        #expect(try line(.tracestate, Array(" ~".utf8)) == "tracestate:  ~\r\n")
    }

    @Test func `every byte is either printable ASCII or refused`() throws {
        for byte in UInt8.min...UInt8.max {
            let value = [UInt8(ascii: "a"), byte, UInt8(ascii: "b")]
            if byte >= 0x20, byte < 0x7F {
                let expected = Array("tracestate: ".utf8) + value + Array("\r\n".utf8)
                #expect(try headers(.tracestate, value).lines.bytes == expected)
            } else {
                #expect(throws: ForwardedHeaderError.self) { try line(.tracestate, value) }
            }
        }
    }

    @Test func `a value has 8 KiB at most, and one that is refused leaves nothing behind`() throws {
        let longest = [UInt8](repeating: UInt8(ascii: "x"), count: 8192)
        var headers = try headers(.application, longest)
        let before = headers
        #expect(headers.lines.bytes.count == 8192 + "application: \r\n".utf8.count)
        #expect(throws: ForwardedHeaderError.self) {
            try (longest + [0x78]).withUnsafeBytes { try headers.append(.traceparent, $0) }
        }
        #expect(headers == before)
    }

    @Test(arguments: [
        (ForwardedHeader.application, false), (.applicationID, false), (.traceparent, true), (.tracestate, true),
    ])
    func `a trace context is known as one`(header: ForwardedHeader, isTraceContext: Bool) throws {
        #expect(try headers(header, [0x31]).holdsTraceContext == isTraceContext)
        #expect(!ForwardedHeaders().holdsTraceContext)
    }
}
