import Testing

@testable import HTTP

struct HTTPResponseReaderLimitsTests {
    private func reader(
        _ delivery: BodyDelivery = .limitedParts,
        bodyLimit: Int = 10
    ) -> AnswerReader {
        let reader = AnswerReader(bodyLimit: bodyLimit)
        reader.expect(delivery)
        return reader
    }

    private func head(_ status: Int = 200, _ headers: String) -> String {
        "HTTP/1.1 \(status) x\r\n\(headers)\r\n\r\n"
    }

    // MARK: - The head

    /// Answers of 100 bytes that count towards the limit of the head.
    private static let limited: [AnswerVector] = [
        .ok("Content-Length: 2\r\nX: \(x(57))", "ab", .complete(200, "ab", canGoOn: true)),
        .ok("X: \(x(10))\r\nY: \(x(42))\r\nContent-Length: 0", "", .complete(200, "", canGoOn: true)),
        AnswerVector(
            "\r\n\nHTTP/1.1 100 \(x(20))\r\n\r\nHTTP/1.1 200 \(x(45))\n\n\(x(200))",
            .needsMore,
            atEnd: .complete(200, x(200), canGoOn: false)
        ),
        .chunked("2\r\nab\r\n0\r\nX: \(x(46))\r\n\r\n", .complete(200, "ab", canGoOn: true)),
        .chunked("0002;\(x(23))\r\nab\r\n1;\(x(22))\r\nc\r\n0\r\n\r\n", .complete(200, "abc", canGoOn: true)),
        .chunked(
            String(repeating: "1 \r\nx\r\n", count: 300) + "0 ; \(x(47))\r\n\r\n",
            .complete(200, x(300), canGoOn: true)
        ),
    ]

    private static func x(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test(arguments: limited)
    func `all lines of an answer may have the limit together and not a byte more, however they are cut`(
        vector: AnswerVector
    ) {
        let expected = vector.atEnd ?? vector.whole
        let bytes = vector.bytes[...]
        var ways = [[bytes], bytes.indices.map { bytes[$0...$0] }]
        ways += bytes.indices.dropFirst().map { [bytes[..<$0], bytes[$0...]] }
        for pieces in ways {
            #expect(vector.read(in: pieces, headLimit: 100) == expected, "\(pieces.count) pieces")
            #expect(vector.read(in: pieces, headLimit: 99) == .tooLarge, "\(pieces.count) pieces")
            #expect(vector.read(in: pieces, headLimit: 1) == .tooLarge, "\(pieces.count) pieces")
        }
    }

    @Test func `the next answer has the whole limit again`() {
        let reader = AnswerReader(headLimit: 100, bodyLimit: 10)
        for vector in Self.limited.prefix(2) {
            reader.expect(.limitedParts)
            #expect(reader.read(vector.bytes) == vector.whole)
        }
    }

    @Test func `a head of 80 KiB is read`() {
        let headers = "Content-Length: 2\r\nX: "
        let padding = Self.x(80 * 1024 - head(200, headers).utf8.count)
        #expect(reader().read((head(200, headers + padding) + "ab").utf8) == .complete(200, "ab", canGoOn: true))
        #expect(reader().read((head(200, headers + padding + "x") + "ab").utf8) == .tooLarge)
    }

    @Test(arguments: [
        "X: " + String(repeating: "x", count: 1_000_000),
        String(repeating: "x", count: 90_000) + ": x",
        String(repeating: "a: b\r\n", count: 100_000) + "c: d",
        "X: y" + String(repeating: "\r\n folded", count: 20_000),
    ])
    func `a head over 80 KiB is too large, however it comes`(headers: String) {
        let bytes = Array(head(200, "X: y\r\n" + headers).utf8)
        #expect(reader().read(bytes) == .tooLarge)

        let slow = reader()
        var answer = ReadAnswer.needsMore
        var start = 0
        while answer == .needsMore, start < bytes.count {
            answer = slow.read(bytes[start..<min(start + 1_000, bytes.count)])
            start += 1_000
        }
        #expect(answer == .tooLarge)
        #expect(start < 90_000)
    }

    @Test func `a status line without an end is too large`() {
        #expect(reader().read("HTTP/1.1 200 ".utf8 + [UInt8](repeating: 120, count: 100_000)) == .tooLarge)
    }

    @Test func `trailers, and sizes and extensions of chunks, without an end are too large`() {
        let zeros = head(200, "Transfer-Encoding: chunked") + String(repeating: "0", count: 100_000)
        #expect(reader().read(zeros.utf8) == .tooLarge)
        let blanks = head(200, "Transfer-Encoding: chunked") + "2" + String(repeating: " ", count: 100_000)
        #expect(reader().read(blanks.utf8) == .tooLarge)
        let extensions = head(200, "Transfer-Encoding: chunked") + "2;" + String(repeating: "x", count: 100_000)
        #expect(reader().read(extensions.utf8) == .tooLarge)
        let trailers = head(200, "Transfer-Encoding: chunked") + "0\r\n" + String(repeating: "a: b\r\n", count: 30_000)
        #expect(reader().read(trailers.utf8) == .tooLarge)
    }

    @Test func `any number of interim answers is waited through that has the size of a head`() {
        let interim = "HTTP/1.1 103 Early Hints\r\n\r\n"
        let answer = "HTTP/1.1 204 No Content\r\n\r\n"
        let count = (AnswerVector.headLimit - answer.utf8.count) / interim.utf8.count
        let whole = String(repeating: interim, count: count) + answer
        #expect(reader().read(whole.utf8) == .complete(204, "", canGoOn: true))
        #expect(reader().read((interim + whole).utf8) == .tooLarge)

        let slow = reader()
        for _ in 0..<count { #expect(slow.read(interim.utf8) == .needsMore) }
        #expect(slow.read(answer.utf8) == .complete(204, "", canGoOn: true))
    }

    @Test func `interim answers are counted anew for each request`() {
        let reader = reader()
        let interim = String(repeating: "HTTP/1.1 100 Continue\r\n\r\n", count: 20)
        for _ in 0..<3 {
            reader.expect(.limitedParts)
            #expect(reader.read((interim + "HTTP/1.1 204 x\r\n\r\n").utf8) == .complete(204, "", canGoOn: true))
        }
    }

    // MARK: - The body

    @Test func `a body of exactly the limit is read`() {
        let body = String(repeating: "x", count: 10)
        let expected = ReadAnswer.complete(200, body, canGoOn: true)
        #expect(reader().read((head(200, "Content-Length: 10") + body).utf8) == expected)
        let chunks = "4\r\nxxxx\r\n6\r\nxxxxxx\r\n0\r\n\r\n"
        #expect(reader().read((head(200, "Transfer-Encoding: chunked") + chunks).utf8) == expected)
    }

    @Test(arguments: [200, 500])
    func `a body that is announced over the limit is refused before it comes`(status: Int) {
        #expect(reader().read(head(status, "Content-Length: 11").utf8) == .tooLarge)
        #expect(reader().read(head(status, "Content-Length: 18446744073709551609").utf8) == .tooLarge)
    }

    @Test(arguments: [200, 500])
    func `a chunk that is announced over the limit is refused before it comes`(status: Int) {
        let begin = head(status, "Transfer-Encoding: chunked")
        for size in ["b", "7fffffffffffffff", "8000000000000000", "FFFFFFFFFFFFFFEF"] {
            #expect(reader().read((begin + size).utf8) == .needsMore)
            for end in ["\r\n", " \r\n", ";x\r\n"] {
                #expect(reader().read((begin + size + end).utf8) == .tooLarge)
            }
        }
        let later = reader()
        #expect(later.read((begin + "9\r\n012345678\r\n").utf8) == .needsMore)
        #expect(later.read("2\r\n".utf8) == .tooLarge)
    }

    @Test func `a chunk of a body in parts may be announced as long as can be`() {
        let reader = reader(.parts)
        let begin = head(200, "Transfer-Encoding: chunked") + "FFFFFFFFFFFFFFEF\r\n"
        #expect(reader.read((begin + "01234").utf8) == .needsMore)
        #expect(reader.read("56789012345".utf8) == .needsMore)
        #expect(reader.partsTogether == "0123456789012345")
    }

    @Test(arguments: [200, 500])
    func `a body that grows over the limit is refused where it does`(status: Int) {
        let endless = reader()
        #expect(endless.read((head(status, "X: y") + "0123456789").utf8) == .needsMore)
        #expect(endless.read("x".utf8) == .tooLarge)
    }

    @Test func `a body that is delivered in parts has no limit`() {
        let reader = reader(.parts)
        #expect(reader.read((head(200, "Content-Length: 25") + "0123456789").utf8) == .needsMore)
        #expect(reader.read("0123456789".utf8) == .needsMore)
        #expect(reader.read("01234".utf8) == .complete(200, "", canGoOn: true))
        #expect(reader.partsTogether == "0123456789012345678901234")
        #expect(reader.parts.count == 3)
    }

    @Test func `the body of an error is not delivered in parts`() {
        let reader = reader(.parts, bodyLimit: 100)
        #expect(reader.read((head(500, "Content-Length: 10") + "01234").utf8) == .needsMore)
        #expect(reader.read("56789".utf8) == .complete(500, "0123456789", canGoOn: true))
        #expect(reader.parts.isEmpty)
    }

    @Test func `a body that nobody wants is dropped, whatever its length`() {
        let reader = reader(.none)
        #expect(reader.read((head(200, "Content-Length: 25") + "0123456789").utf8) == .needsMore)
        #expect(reader.read("012345678901234".utf8) == .complete(200, "", canGoOn: true))
    }

    @Test func `of an error to a call that wants no body, the body is told`() {
        #expect(
            reader(.none).read((head(404, "Content-Length: 5") + "where").utf8)
                == .complete(404, "where", canGoOn: true)
        )
    }

    @Test func `of a long error only the beginning is kept`() {
        let piece = String(repeating: "x", count: 1_000)
        let reader = reader(bodyLimit: 10_000_000)
        #expect(reader.read(head(500, "Content-Length: 1000000").utf8) == .needsMore)
        for _ in 0..<999 { #expect(reader.read(piece.utf8) == .needsMore) }
        let kept = String(repeating: "x", count: HTTPResponseReader.errorBodyLimit)
        #expect(reader.read(piece.utf8) == .complete(500, kept, canGoOn: true))
    }

    @Test func `each part is an event of its own, so that who gives up over one is given no more`() throws {
        var reader = HTTPResponseReader(headLimit: 100, bodyLimit: 10)
        reader.expect(.parts)
        let bytes = Array((head(200, "Transfer-Encoding: chunked") + "1\r\na\r\n1\r\nb\r\n0\r\n\r\n").utf8)
        try bytes.withUnsafeBytes { bytes in
            var unread = bytes
            guard case .head(200) = try reader.next(&unread), case .part(let part) = try reader.next(&unread) else {
                Issue.record("no head or no part")
                return
            }
            #expect(String(decoding: part, as: UTF8.self) == "a")
            #expect(String(decoding: unread, as: UTF8.self) == "\r\n1\r\nb\r\n0\r\n\r\n")
        }
    }
}
