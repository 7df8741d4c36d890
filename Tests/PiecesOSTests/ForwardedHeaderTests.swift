import Testing

@testable import PiecesOS

struct ForwardedHeaderTests {
    private func header(_ key: String) -> ForwardedHeader? {
        Array(key.utf8).withUnsafeBytes { ForwardedHeader(key: $0) }
    }

    private func line(_ header: ForwardedHeader, _ value: [UInt8]) throws -> String {
        var bytes: [UInt8] = []
        try value.withUnsafeBytes { try header.append($0, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("application", ForwardedHeader.application),
        ("Application", .application),
        ("APPLICATION", .application),
        ("x-application-id", .applicationID),
        ("X-Application-ID", .applicationID),
        ("x-APPLICATION-id", .applicationID),
        ("traceparent", .traceparent),
        ("TraceParent", .traceparent),
        ("tracestate", .tracestate),
    ])
    func `a key is compared without case`(key: String, header: ForwardedHeader) {
        #expect(self.header(key) == header)
    }

    @Test(arguments: [
        "", "applicatio", "applications", "application ", " application", "x-application", "x_application_id",
        "X\u{2D}application\u{4D}id", "host", "content-length", "authorization", "\u{212A}", "trace\u{0}parent",
        // With bit 5 set these differ, and must not be made the same.
        "x\u{0D}application\u{0D}id",
    ])
    func `any other key is not forwarded`(key: String) {
        #expect(header(key) == nil)
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
                #expect(try line(.tracestate, value).utf8.elementsEqual("tracestate: ".utf8 + value + "\r\n".utf8))
            } else {
                #expect(throws: ForwardedHeaderError.self) { try line(.tracestate, value) }
            }
        }
    }

    @Test func `a value has 8 KiB at most`() throws {
        let longest = [UInt8](repeating: UInt8(ascii: "x"), count: 8192)
        #expect(try line(.application, longest).utf8.count == 8192 + "application: \r\n".utf8.count)
        var bytes: [UInt8] = []
        #expect(throws: ForwardedHeaderError.self) {
            try (longest + longest.prefix(1)).withUnsafeBytes { try ForwardedHeader.application.append($0, to: &bytes) }
        }
        #expect(bytes.isEmpty)
    }
}
