import Testing

@testable import TTRPC

struct RequestEnvelopeTests {
    @Test func `every member is found`() throws {
        try GoldenFrame.fullRequest.data.withUnsafeBytes { data in
            var entries: [String] = []
            let envelope = try RequestEnvelope(decoding: data) { entries.append("\($0.key.text)=\($0.value.text)") }
            #expect(envelope.service.text == "pieces.models.v1.ModelsService")
            #expect(envelope.method.text == "StreamModelsSnapshot")
            #expect(Array(envelope.payload) == wire("08 96 01"))
            #expect(envelope.timeoutNano == 5_000_000_000)
            #expect(entries == ["traceparent=00", "application=x"])
        }
    }

    @Test func `what is absent is empty`() throws {
        var entries = 0
        let envelope = try RequestEnvelope(decoding: UnsafeRawBufferPointer(start: nil, count: 0)) { _ in entries += 1 }
        #expect(envelope.service.isEmpty)
        #expect(envelope.method.isEmpty)
        #expect(envelope.payload.isEmpty)
        #expect(envelope.timeoutNano == 0)
        #expect(entries == 0)
    }

    @Test func `of a member that comes twice the last counts, even when it is empty`() throws {
        let bytes = wire("0a 01 'a' 12 01 'b' 1a 01 'c' 20 07  0a 02 'xy' 12 00 1a 00 20 00")
        try bytes.withUnsafeBytes { bytes in
            let envelope = try RequestEnvelope(decoding: bytes)
            #expect(envelope.service.text == "xy")
            #expect(envelope.method.isEmpty)
            #expect(envelope.payload.isEmpty)
            #expect(envelope.timeoutNano == 0)
        }
    }

    @Test(arguments: [
        ("20 01", 1),
        ("20 81 80 80 80 80 80 80 80 80 00", 1),
        ("20 ff ff ff ff ff ff ff ff ff 01", -1),
        ("20 ff ff ff ff ff ff ff ff 7f", Int64.max),
        ("20 80 80 80 80 80 80 80 80 80 01", Int64.min),
    ])
    func `a timeout has 64 bits and a sign`(notation: String, expected: Int64) throws {
        let timeout = try wire(notation).withUnsafeBytes { try RequestEnvelope(decoding: $0).timeoutNano }
        #expect(timeout == expected)
    }

    @Test(arguments: [
        "30 ff 01", "31 01 02 03 04 05 06 07 08", "32 03 01 02 03", "35 01 02 03 04", "f8 ff ff ff 0f 00",
        "08 05", "11 01 02 03 04 05 06 07 08", "1d 01 02 03 04", "22 01 00", "28 01",
    ])
    func `unknown fields, and known ones of another wire type, are skipped`(field: String) throws {
        try wire("0a 01 'a' \(field) 12 01 'b' \(field) 20 07").withUnsafeBytes { bytes in
            var entries = 0
            let envelope = try RequestEnvelope(decoding: bytes) { _ in entries += 1 }
            #expect(envelope.service.text == "a")
            #expect(envelope.method.text == "b")
            #expect(envelope.payload.isEmpty)
            #expect(envelope.timeoutNano == 7)
            #expect(entries == 0)
        }
    }

    @Test(arguments: [
        ("0a", "service: varint cut off"),
        ("0a 02 'a'", "service: length goes beyond the end"),
        ("0a ff ff ff ff ff ff ff ff ff 01", "service: length goes beyond the end"),
        ("0a 01 ff", "service: not valid UTF-8"),
        ("12 80", "method: varint cut off"),
        ("12 02 c3 28", "method: not valid UTF-8"),
        ("1a 01", "payload: length goes beyond the end"),
        ("1a 80 80 80 80 80 80 80 80 80 80 01", "payload: varint longer than 10 bytes"),
        ("20 ff", "timeout_nano: varint cut off"),
        ("20 ff ff ff ff ff ff ff ff ff ff 01", "timeout_nano: varint longer than 10 bytes"),
        ("2a 01", "metadata: length goes beyond the end"),
        ("2a 01 0a", "metadata key: varint cut off"),
        ("2a 02 0a 01", "metadata key: length goes beyond the end"),
        ("2a 03 0a 01 80", "metadata key: not valid UTF-8"),
        ("2a 05 12 03 ed a0 80", "metadata value: not valid UTF-8"),
        ("2a 04 0a 00 12 01", "metadata value: length goes beyond the end"),
        ("2a 03 0a 00 80", "metadata: varint cut off"),
        ("2a 01 0b", "metadata: varint cut off"),
        ("80", "request: varint cut off"),
        ("ff ff ff ff ff ff ff ff ff ff 01", "request: varint longer than 10 bytes"),
        ("80 80 80 80 10 00", "request: field number out of range"),
        ("00 00", "request: field number 0"),
        ("07", "request: field number 0"),
        ("0e", "request: unknown wire type"),
        ("0f", "request: unknown wire type"),
        ("33 3c", "request: a group that is not well formed"),
        ("0c", "request: a group that is not well formed"),
        ("31 01 02 03 04 05 06 07", "request: fixed-size value cut off"),
        ("35 01 02 03", "request: fixed-size value cut off"),
        ("30 80", "request: varint cut off"),
        ("32 05 00", "request: length goes beyond the end"),
    ])
    func `what is malformed is refused, and the error says what`(notation: String, message: String) {
        for good in ["", "0a 01 'a' 2a 02 0a 00 "] {
            let error = #expect(throws: EnvelopeError.self) {
                try wire(good + notation).withUnsafeBytes { _ = try RequestEnvelope(decoding: $0) }
            }
            #expect(error?.description == message)
        }
    }

    @Test func `cut off anywhere, a request is refused or says less`() throws {
        let data = GoldenFrame.fullRequest.data
        for count in data.indices {
            data[..<count].withUnsafeBytes { part in
                var entries = 0
                guard (try? RequestEnvelope(decoding: part, { _ in entries += 1 })) != nil else { return }
                #expect(entries < 2)
            }
        }
    }

    @Test func `4 MiB of two-byte fields are read`() throws {
        var bytes = wire("0a 00")
        while bytes.count < FrameHeader.maximumLength { bytes += bytes }
        #expect(bytes.count == FrameHeader.maximumLength)
        let service = try bytes.withUnsafeBytes { try RequestEnvelope(decoding: $0).service.text }
        #expect(service == "")
    }
}
