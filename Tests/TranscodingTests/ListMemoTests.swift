import Testing

@testable import Transcoding

/// Texts of which few elements have changed since the last one.
@Suite struct `Memo of a list` {
    private let transcoder = JSONTranscoder()
    private let schema = TestMessage.models.listSchema

    private static func model(_ index: Int, _ version: Int = 0) -> String {
        #"{"id":"\#(index)","version":"\#(version)","x":[\#(index)],"created":{"value":"2024-05-17T09:30:00Z"}}"#
    }

    private static func text(_ models: [String], head: String = "", tail: String = #","score":{"reuse":1},"x":null"#)
        -> [UInt8]
    {
        Array(#"{"schema":{"migration":0\#(head)},"iterable":[\#(models.joined(separator: " ,"))]\#(tail)}"#.utf8)
    }

    private func remembered(_ text: [UInt8], _ memo: inout ListMemo) throws -> [UInt8] {
        let padded = text + [UInt8](repeating: UInt8(ascii: "9"), count: JSONTranscoder.padding)
        return try padded.withUnsafeBytes { bytes in
            Array(try transcoder.transcode(.init(rebasing: bytes[..<text.count]), as: schema, remembering: &memo))
        }
    }

    private func isPatched(_ text: [UInt8], _ memo: inout ListMemo) -> Bool {
        let padded = text + [UInt8](repeating: UInt8(ascii: "9"), count: JSONTranscoder.padding)
        return padded.withUnsafeBytes { transcoder.patch(.init(rebasing: $0[..<text.count]), as: schema, &memo) }
    }

    @Test func `one model that has changed, come or gone leaves the others as they were`() throws {
        let models = (0..<60).map { Self.model($0) }
        var changes: [[String]] = [models]
        for index in [0, 1, 30, 58, 59] {
            var changed = models
            changed[index] = Self.model(index, 1)
            changes.append(changed)
            changed.remove(at: index)
            changes.append(changed)
            changed.insert(Self.model(100), at: index)
            changed.insert(#"{"name":"\""}"#, at: index)
            changes.append(changed)
        }
        for changed in changes {
            let text = Self.text(changed)
            var memo = ListMemo()
            _ = try remembered(Self.text(models), &memo)
            #expect(isPatched(text, &memo))
            #expect(try remembered(text, &memo) == transcoder.bytes(text, as: .models))
            // And what it has now is as good as what it had.
            #expect(isPatched(Self.text(models), &memo))
            #expect(try remembered(Self.text(models), &memo) == transcoder.bytes(Self.text(models), as: .models))
        }
    }

    @Test func `when too much has changed everything is made anew`() throws {
        let models = (0..<60).map { Self.model($0) }
        let others = [
            Self.text((0..<60).map { Self.model($0, 1) }), Self.text(models, head: #","x":1"#),
            Self.text(models, tail: ""),
            Self.text([]), Self.text(models.dropLast(10) + ["1"]), Self.text(models.dropLast() + [#"{"id":"\ud800"}"#]),
            Self.text(models.dropLast() + [#"{"id":"a","id":"b"}"#]), Array("{}".utf8),
            Array(#"{"iterable":[{}],"iterable":[]}"#.utf8), [0xef, 0xbb, 0xbf] + Self.text(models),
        ]
        for other in others {
            var memo = ListMemo()
            _ = try remembered(Self.text(models), &memo)
            #expect(!isPatched(other, &memo))
            #expect(try remembered(other, &memo) == transcoder.bytes(other, as: .models))
            #expect(try remembered(Self.text(models), &memo) == transcoder.bytes(Self.text(models), as: .models))
        }
    }

    @Test func `what is no JSON is an error, however like the last text it is`() throws {
        let models = (0..<20).map { Self.model($0) }
        let text = Self.text(models)
        var random = SplitMix64(seed: 1)
        for _ in 0..<2000 {
            var memo = ListMemo()
            _ = try remembered(text, &memo)
            var other = text
            let index = Int.random(in: other.indices, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: other.remove(at: index)
            case 1: other.insert(Array(#"{}[],:" 1\n"#.utf8).randomElement(using: &random) ?? 0, at: index)
            default: other[index] = UInt8.random(in: 0x20..<0x7F, using: &random)
            }
            let fresh = Result { () throws(JSONTranscodingError) in try transcoder.bytes(other, as: .models) }
            let patched = Result { try remembered(other, &memo) }
            #expect((try? fresh.get()) == (try? patched.get()), "\(String(decoding: other, as: UTF8.self))")
        }
    }

    @Test func `long texts are not remembered, and texts that never come again seldom`() throws {
        var memo = ListMemo()
        _ = try remembered(Self.text((0..<40_000).map { Self.model($0) }), &memo)
        #expect(memo.heldByteCount == 0)
        let kept = try (0..<40).filter { version in
            _ = try remembered(Self.text((0..<20).map { Self.model($0, version) }), &memo)
            return memo.heldByteCount > 0
        }
        #expect(4...20 ~= kept.count)
    }
}
