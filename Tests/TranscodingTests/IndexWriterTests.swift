import Testing

@testable import Transcoding

/// What the fast way remembers of the objects before.
@Suite struct `Index writer` {
    private let transcoder = JSONTranscoder()

    /// Both ways agree, and the fast one was enough.
    private func expectAgreement(on text: String) throws {
        let bytes = Array(text.utf8)
        let fast = try #require(try transcoder.fastBytes(bytes, as: .model), "\(text)")
        #expect(try fast == transcoder.bytes(bytes, as: .model, .strict), "\(text)")
    }

    @Test func `a string is copied whole, whatever its length, and only its own backslashes count`() throws {
        for length in 0..<300 {
            let text = String(repeating: "a", count: length)
            for string in [text, text + #"\n"#, #"\\"# + text, String(text.dropLast()) + "ä"] {
                try expectAgreement(on: #"{"name":"\#(string)","\\":"\\","id":"\#(string)"}"#)
            }
        }
    }
}
