import Testing

@testable import PiecesOS

struct ForwardedHeaderTests {
    private func header(_ key: String) -> ForwardedHeader? {
        Array(key.utf8).withUnsafeBytes { ForwardedHeader(key: $0) }
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
}
