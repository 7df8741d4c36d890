import Calls
import Testing
import Transcoding

@testable import Gateway

/// Bodies that are too long to be transcoded in one go.
struct LongAnswerBodyTests {
    private let setting = BodySetting()

    /// A text of so many bytes and more, of which a twentieth goes into the payload.
    private func models(_ size: Int, last: String = #"{"id":"last"}"#) -> String {
        let padding = String(repeating: " ", count: 3_800)
        let name = String(repeating: "n", count: 200)
        let models = (0...size / 4_000).map { #"{"id":"\#($0)",\#(padding)"name":"\#(name)"}"# } + [last]
        return #"{"score":{"manual":1},"iterable":[\#(models.joined(separator: ","))],"x":[1]}"#
    }

    /// What is in them besides the models.
    private static let score: [UInt8] = [26, 2, 16, 1]
    private static let extras: [UInt8] = [0xC2, 0x3E, 9] + Array(#"{"x":[1]}"#.utf8)

    private func pieces(_ text: String) -> [ArraySlice<UInt8>] {
        let bytes = Array(text.utf8)
        return stride(from: 0, to: bytes.count, by: 100_000).map { bytes[$0..<min($0 + 100_000, bytes.count)] }
    }

    @Test(arguments: [false, true])
    func `a long answer is the message that a short one is`(isAnnounced: Bool) throws {
        let snapshot = try Carried.routed("ModelsSnapshot")
        let text = models(AnswerBody.listedLimit)
        #expect(text.utf8.count > AnswerBody.listedLimit)
        let short = try setting.payload(snapshot, String(decoding: text.utf8.filter { $0 != 0x20 }, as: UTF8.self))
        let long = try setting.payload(snapshot, pieces(text), isAnnounced: isAnnounced)
        // The elements come first, and the rest behind them.
        let models = short.dropFirst(Self.score.count).dropLast(Self.extras.count)
        let isMoved = short == Self.score + models + Self.extras && long == models + Self.score + Self.extras
        #expect(isMoved)
    }

    @Test func `a long answer is not kept while it arrives`() throws {
        var body = AnswerBody(setting.transcoder, setting.buffers)
        body.begin(try Carried.routed("ModelsSnapshot"))
        let text = Array(models(8 << 20).utf8)
        try text.withUnsafeBytes { text in
            for start in stride(from: 0, to: text.count, by: 100_000) {
                let part = UnsafeRawBufferPointer(rebasing: text[start..<min(start + 100_000, text.count)])
                try body.take(part, length: text.count)
                try body.settle()
                let (isBehind, held) = (body.isBehind, body.heldByteCount)
                #expect(!isBehind)
                #expect(held < 2_000_000)
            }
        }
        #expect(try body.finish().count > 0)
    }

    @Test(arguments: [false, true])
    func `an answer over 4 MiB does not fit, and is not waited for`(isAnnounced: Bool) throws {
        let element = #"{"id":"\#(String(repeating: "a", count: 50_000))"},"#
        for count in [85, 1_000] {
            let elements = Array(repeating: Array(element.utf8)[...], count: count)
            let pieces = [Array(#"{"iterable":["#.utf8)[...]] + elements + [Array("{}]}".utf8)[...]]
            let error = JSONTranscodingError.messageTooLarge(limit: JSONTranscoder.maximumMessage)
            let snapshot = try Carried.routed("ModelsSnapshot")
            #expect(throws: error) { try setting.payload(snapshot, pieces, isAnnounced: isAnnounced) }
        }
        var body = AnswerBody(setting.transcoder, setting.buffers)
        body.begin(try Carried.routed("ModelsSnapshot"))
        var taken = 0
        #expect(throws: JSONTranscodingError.self) {
            try Array((#"{"iterable":["# + element).utf8).withUnsafeBytes { part in
                try body.take(part, length: 64 << 20)
                try body.settle()
                taken += 1
            }
            while true {
                try Array(element.utf8).withUnsafeBytes { part in
                    try body.take(part, length: 64 << 20)
                    try body.settle()
                    taken += 1
                }
            }
        }
        #expect(taken < 100)
    }

    @Test func `a misfit element makes a text of its list, or an error where the answer is too long for that`() throws {
        let snapshot = try Carried.routed("ModelsSnapshot")
        let short = try setting.payload(snapshot, models(100_000, last: "1"))
        let isText = short.count > 5_000 && short.starts(with: Self.score + Self.extras.prefix(2))
        #expect(isText)
        #expect(throws: JSONTranscodingError.misfitElement) {
            try setting.payload(snapshot, pieces(models(AnswerBody.listedLimit, last: "1")))
        }
    }

    @Test func `an answer without a list is gathered up to a limit`() throws {
        let create = try Carried.routed("ModelsCreateNewModel")
        let padding = Array(repeating: UInt8(ascii: " "), count: 1 << 20)[...]
        let fitting = Array(repeating: padding, count: AnswerBody.unlistedLimit >> 20)
        let model = Array(#"{"id":"a"}"#.utf8)[...]
        #expect(try setting.payload(create, fitting.dropLast() + [model]) == [10, 1, UInt8(ascii: "a")])
        #expect(throws: JSONTranscodingError.tooLarge(limit: AnswerBody.unlistedLimit)) {
            try setting.payload(create, fitting + [model, padding])
        }
    }
}
