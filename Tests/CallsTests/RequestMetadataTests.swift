import Testing

@testable import Calls

struct RequestMetadataTests {
    private func key(_ text: String) -> RequestMetadata.Key? {
        Array(text.utf8).withUnsafeBytes { RequestMetadata.Key($0) }
    }

    private func metadata(_ entries: [(String, String)], _ body: (RequestMetadata) -> Void) {
        // The views have to lead to something for as long as the metadata is looked at.
        let storage = entries.map { (Array($0.0.utf8), Array($0.1.utf8)) }
        var metadata = RequestMetadata()
        func add(_ rest: ArraySlice<([UInt8], [UInt8])>) {
            guard let (name, value) = rest.first else { return body(metadata) }
            name.withUnsafeBytes { name in
                value.withUnsafeBytes { value in
                    metadata.add(name, value)
                    add(rest.dropFirst())
                }
            }
        }
        add(storage[...])
    }

    @Test(arguments: [
        ("application", RequestMetadata.Key.application), ("Application", .application), ("APPLICATION", .application),
        ("x-application-id", .applicationID), ("X-Application-ID", .applicationID),
        ("x-APPLICATION-id", .applicationID),
        ("traceparent", .traceparent), ("TraceParent", .traceparent), ("tracestate", .tracestate),
    ])
    func `a key is compared without case`(text: String, expected: RequestMetadata.Key) {
        #expect(key(text) == expected)
    }

    @Test(arguments: [
        "", "applicatio", "applications", "application ", " application", "x-application", "x_application_id",
        "X\u{2D}application\u{4D}id", "host", "content-length", "authorization", "\u{212A}", "trace\u{0}parent",
        // With bit 5 set these differ, and must not be made the same.
        "x\u{0D}application\u{0D}id",
    ])
    func `any other key is dropped`(text: String) {
        #expect(key(text) == nil)
        metadata([(text, "1")]) { #expect($0.isEmpty) }
    }

    @Test func `of a key that comes twice the last counts, in whatever case`() {
        metadata([("application", "1"), ("tracestate", "a"), ("Application", "2")]) { metadata in
            #expect(metadata[.application].map { String(decoding: $0, as: UTF8.self) } == "2")
            #expect(metadata[.tracestate].map { String(decoding: $0, as: UTF8.self) } == "a")
            #expect(metadata[.traceparent] == nil)
            #expect(metadata[.applicationID] == nil)
            #expect(!metadata.isEmpty)
        }
    }

    @Test func `an empty value is a value`() {
        metadata([("traceparent", "")]) { #expect($0[.traceparent]?.isEmpty == true) }
    }
}
