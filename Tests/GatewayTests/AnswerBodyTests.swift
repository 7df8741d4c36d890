import Calls
import Testing
import Transcoding

@testable import Gateway

/// What becomes of the body of a unary answer, however it arrives.
struct AnswerBodyTests {
    private static let known = #"{"iterable":[{"id":"a"},{"id":"b"},{"id":"c"}],"score":{"manual":1}}"#

    private let setting = BodySetting()

    private func cuts(_ text: String) -> [[ArraySlice<UInt8>]] {
        let bytes = Array(text.utf8)[...]
        return bytes.indices.map { [bytes[..<$0], bytes[$0...]] } + [bytes.indices.map { bytes[$0...$0] }]
    }

    @Test func `an answer is transcoded, and the same again given what was made of it`() throws {
        let snapshot = try Carried.routed("ModelsSnapshot")
        let one = try setting.payload(snapshot, #"{"iterable":[{"id":"a"}]}"#)
        #expect(one == [10, 3, 10, 1, UInt8(ascii: "a")])
        for _ in 0..<3 {
            #expect(try setting.payload(snapshot, #"{"iterable":[{"id":"a"}]}"#) == one)
            #expect(try setting.payload(snapshot, #"{"iterable":[{"id":"b"}]}"#) == [10, 3, 10, 1, UInt8(ascii: "b")])
        }
    }

    @Test(arguments: [false, true])
    func `the last answer is known again wherever it is cut, and is the same bytes`(isAnnounced: Bool) throws {
        let snapshot = try Carried.routed("ModelsSnapshot")
        let whole = try setting.payload(snapshot, Self.known)
        for inOneRead in [false, true] {
            for pieces in cuts(Self.known) {
                let hits = snapshot.memo.hits
                #expect(try setting.payload(snapshot, pieces, inOneRead: inOneRead, isAnnounced: isAnnounced) == whole)
                #expect(snapshot.memo.hits == hits + 1)
            }
        }
        #expect(snapshot.memo.misses == 1)
    }

    @Test(arguments: [
        #"{"iterable":[{"id":"x"},{"id":"b"},{"id":"c"}],"score":{"manual":1}}"#,
        #"{"iterable":[{"id":"a"},{"id":"b"},{"id":"c"}],"score":{"manual":2}}"#,
        #"{"iterable":[{"id":"a"},{"id":"b"},{"id":"c"}],"score":{"manual":1}} "#,
        #" {"iterable":[{"id":"a"},{"id":"b"},{"id":"c"}],"score":{"manual":1}}"#,
        #"{"iterable":[{"id":"a"},{"id":"b"},{"id":"c"}]}"#, #"{"iterable":[{"id":"a"}]}"#, "{}",
    ])
    func `an answer that begins as the last one, or ends as it, is not taken for it`(text: String) throws {
        let expected = try setting.payload(Carried.routed("ModelsSnapshot"), text)
        for isAnnounced in [false, true] {
            for inOneRead in [false, true] {
                for pieces in cuts(text) {
                    let snapshot = try Carried.routed("ModelsSnapshot")
                    _ = try setting.payload(snapshot, Self.known)
                    let found = try setting.payload(snapshot, pieces, inOneRead: inOneRead, isAnnounced: isAnnounced)
                    #expect(found == expected)
                    #expect(snapshot.memo.hits == 0)
                    #expect(snapshot.memo.misses == 2)
                }
            }
        }
    }

    @Test func `a beginning of the last answer is not that answer`() throws {
        let snapshot = try Carried.routed("ModelsSnapshot")
        _ = try setting.payload(snapshot, Self.known)
        for end in Self.known.indices {
            #expect(throws: JSONTranscodingError.self) { try setting.payload(snapshot, String(Self.known[..<end])) }
        }
        #expect(snapshot.memo.hits == 0)
    }

    @Test func `what is known can be used although something else is remembered meanwhile`() throws {
        let snapshot = try Carried.routed("ModelsSnapshot")
        let whole = try setting.payload(snapshot, Self.known)
        var body = AnswerBody(setting.transcoder, setting.buffers)
        body.begin(snapshot)
        let middle = Self.known.utf8.count / 2
        let bytes = Array(Self.known.utf8)
        try bytes.withUnsafeBytes { bytes in
            try body.take(UnsafeRawBufferPointer(rebasing: bytes[..<middle]), length: nil)
            try body.settle()
            let held = body.heldByteCount
            #expect(held == 0)
            for text in ["{}", #"{"iterable":[{"id":"b"}]}"#] { _ = try setting.payload(snapshot, text) }
            try body.take(UnsafeRawBufferPointer(rebasing: bytes[middle...]), length: nil)
            #expect(setting.copy(of: try body.finish()) == whole)
        }
    }

    @Test func `a payload that is known is handed on without a copy`() throws {
        let snapshot = try Carried.routed("ModelsSnapshot")
        _ = try setting.payload(snapshot, Self.known)
        let padded = Array(Self.known.utf8) + [UInt8](repeating: 0, count: 64)
        var owners: [ObjectIdentifier?] = []
        try padded.withUnsafeBytes { padded in
            for _ in 0..<2 {
                var body = AnswerBody(setting.transcoder, setting.buffers)
                body.begin(snapshot)
                try body.take(UnsafeRawBufferPointer(rebasing: padded.dropLast(64)), length: nil)
                owners.append(try body.finish().owner.map { ObjectIdentifier($0) })
            }
        }
        #expect(owners[0] != nil)
        #expect(owners[0] == owners[1])
    }

    @Test func `an answer that is none is an error, and is not remembered`() throws {
        let snapshot = try Carried.routed("ModelsSnapshot")
        for _ in 0..<2 {
            #expect(throws: JSONTranscodingError.notAnObject) { try setting.payload(snapshot, "[]") }
        }
        #expect(snapshot.memo.hits == 0)
    }
}
