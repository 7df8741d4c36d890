import Testing

@testable import TTRPC

struct MetadataTests {
    private func entries(_ notation: String) throws -> [String] {
        try wire(notation).withUnsafeBytes { bytes in
            var entries: [String] = []
            _ = try RequestEnvelope(decoding: bytes) { entries.append("\($0.key.text)=\($0.value.text)") }
            return entries
        }
    }

    @Test func `entries keep their order, also with other fields between and around them`() throws {
        let notation = """
            20 07
            2a 06 0a 01 'a' 12 01 '1'
            0a 01 's'  28 05  31 01 02 03 04 05 06 07 08
            2a 06 0a 01 'b' 12 01 '2'
            12 01 'm'
            2a 06 0a 01 'a' 12 01 '3'
            1a 08 2a 06 0a 01 'x' 12 01 '9'
            """
        #expect(try entries(notation) == ["a=1", "b=2", "a=3"])
    }

    @Test func `an entry may lack its key, its value or both`() throws {
        #expect(try entries("2a 03 0a 01 'k'  2a 03 12 01 'v'  2a 00") == ["k=", "=v", "="])
    }

    @Test func `of a key that comes twice in one entry the last counts, and unknown fields are skipped`() throws {
        #expect(try entries("2a 0d 0a 01 'a' 18 05 12 01 '1' 08 01 0a 01 'b'") == ["b=1"])
    }

    @Test func `text beyond ASCII comes through`() throws {
        #expect(try entries("2a 09 0a 02 'é' 12 03 '€'") == ["é=€"])
    }

    @Test func `a million entries are walked through`() throws {
        var bytes = wire("2a 02 0a 00")
        var count = 1
        while bytes.count < FrameHeader.maximumLength {
            bytes += bytes
            count *= 2
        }
        #expect(count > 1_000_000)
        try bytes.withUnsafeBytes { bytes in
            var seen = 0
            _ = try RequestEnvelope(decoding: bytes) { _ in seen += 1 }
            #expect(seen == count)
        }
    }
}
