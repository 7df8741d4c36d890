import Testing

@testable import HTTP

struct HTTPResponseReaderTests {
    private static let answers: [AnswerVector] = [
        .ok("Content-Length: 5", "hello", .complete(200, "hello", canGoOn: true)),
        .ok("content-length:5", "hello", .complete(200, "hello", canGoOn: true)),
        .ok("Content-Length: \t 5 \t ", "hello", .complete(200, "hello", canGoOn: true)),
        .ok("Content-Length: 0", "", .complete(200, "", canGoOn: true)),
        .ok("Content-Length: 005", "hello", .complete(200, "hello", canGoOn: true)),
        .ok("Content-Length: 5\r\nConnection: close", "hello", .complete(200, "hello", canGoOn: false)),
        .ok("Connection: x, Close\r\nContent-Length: 5", "hello", .complete(200, "hello", canGoOn: false)),
        .ok("Content-Length: 5\r\nX: a\r\n folded", "hello", .complete(200, "hello", canGoOn: true)),
        .ok("X: \u{E9}\r\nContent-Length: 5", "hello", .complete(200, "hello", canGoOn: true)),
        .ok("Content-Length: 5\r\nX:\r\n\t\r\n y", "hello", .complete(200, "hello", canGoOn: true)),
        .ok("Content-Length: 5\r\nConnection: close, keep-alive", "hello", .complete(200, "hello", canGoOn: false)),
        .ok(
            "Content-Length: 5\r\nConnection: closed\r\nX-Content-Length: 6",
            "hello",
            .complete(200, "hello", canGoOn: true)
        ),
        .ok("Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 2", "ab", .complete(200, "ab", canGoOn: true)),

        .chunked("0\r\n\r\n", .complete(200, "", canGoOn: true)),
        .chunked("5\r\nhello\r\n0\r\n\r\n", .complete(200, "hello", canGoOn: true)),
        .chunked("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", .complete(200, "hello", canGoOn: true)),
        .chunked(
            "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
            .complete(200, "01234567890123456789", canGoOn: true)
        ),
        .chunked("005;x=y;z=\"q\"\r\nhello\r\n000;end\r\n\r\n", .complete(200, "hello", canGoOn: true)),
        .chunked("5 \t ; x\r\nhello\r\n0;\r\n\r\n", .complete(200, "hello", canGoOn: true)),
        .chunked("5 \r\nhello\r\n0\t\r\n\r\n", .complete(200, "hello", canGoOn: true)),
        .chunked("5 ;x\r\nhello\r\n0\t \t;x\r\n\r\n", .complete(200, "hello", canGoOn: true)),
        .chunked("5\r\nhello\r\n0\r\nX: y\r\n folded\r\n\r\n", .complete(200, "hello", canGoOn: true)),
        .chunked("5\r\nhello\r\n0\r\nContent-Length: x\n\n", .complete(200, "hello", canGoOn: true)),
        .ok("Transfer-Encoding: ,\tchunked ,", "0\r\n\r\n", .complete(200, "", canGoOn: true)),
        .chunked("5\r\nhello\r\n0\r\nX-Trailer: y\r\nOther: z\r\n\r\n", .complete(200, "hello", canGoOn: true)),
        .chunked("5\r\n\r\n0\r\n\r\n0\r\n\r\n", .complete(200, "\r\n0\r\n", canGoOn: true)),
        .ok(
            "TRANSFER-ENCODING: Chunked\r\nConnection: close",
            "1\r\nx\r\n0\r\n\r\n",
            .complete(200, "x", canGoOn: false)
        ),

        AnswerVector("HTTP/1.1 204 No Content\r\n\r\n", .complete(204, "", canGoOn: true)),
        AnswerVector("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", .complete(204, "", canGoOn: false)),
        AnswerVector("HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n", .complete(304, "", canGoOn: true)),
        AnswerVector("HTTP/1.1 500 \r\nContent-Length: 4\r\n\r\nbad\n", .complete(500, "bad\n", canGoOn: true)),
        AnswerVector("HTTP/1.1 599\r\nContent-Length: 1\r\n\r\nx", .complete(599, "x", canGoOn: true)),
        AnswerVector("\r\n\nHTTP/1.1  200 \u{E9}\t\r\nContent-Length: 1\r\n\r\nx", .complete(200, "x", canGoOn: true)),
        AnswerVector("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", .complete(200, "hello", canGoOn: true)),
        AnswerVector("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab", .complete(200, "ab", canGoOn: false)),
        AnswerVector(
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nab",
            .complete(200, "ab", canGoOn: true)
        ),

        AnswerVector(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
            .complete(200, "ab", canGoOn: true)
        ),
        AnswerVector(
            "HTTP/1.1 102 \r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            .complete(204, "", canGoOn: true)
        ),
    ]

    /// Answers that end where their head does, whatever it announces (RFC 9112, section 6.3).
    private static let withoutBody: [AnswerVector] = [
        AnswerVector("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n", .complete(304, "", canGoOn: true)),
        AnswerVector(
            "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
            .complete(304, "", canGoOn: true)
        ),
        AnswerVector("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", .complete(204, "", canGoOn: true)),
        AnswerVector("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", .complete(204, "", canGoOn: false)),
        AnswerVector(
            "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n",
            .complete(204, "", canGoOn: false)
        ),
        AnswerVector(
            "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
            .complete(200, "ab", canGoOn: true)
        ),
        AnswerVector(
            "HTTP/1.1 103 \r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
            .complete(200, "ab", canGoOn: true)
        ),
    ]

    /// Answers that only the end of the connection completes, or that it cuts off.
    private static let endings: [AnswerVector] = [
        .ok("Server: x", "hello", .needsMore, atEnd: .complete(200, "hello", canGoOn: false)),
        .ok("Server: x", "", .needsMore, atEnd: .complete(200, "", canGoOn: false)),
        AnswerVector("HTTP/1.0 200 OK\r\n\r\nhello", .needsMore, atEnd: .complete(200, "hello", canGoOn: false)),
        AnswerVector(
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\nhello",
            .needsMore,
            atEnd: .complete(200, "hello", canGoOn: false)
        ),
        AnswerVector("HTTP/1.1 404 No\r\n\r\nnothing", .needsMore, atEnd: .complete(404, "nothing", canGoOn: false)),
        AnswerVector("HTTP/1.1 100 Continue\r\n\r\n", .needsMore, atEnd: .connectionLost),
        AnswerVector("\r\n", .needsMore, atEnd: .connectionLost),
        .ok("Content-Length: 6", "hello", .needsMore, atEnd: .connectionLost),
        .ok("Content-Length: 999999", "hello", .needsMore, atEnd: .connectionLost),
        .chunked("5\r\nhello\r\n", .needsMore, atEnd: .connectionLost),
        .chunked("5\r\nhello\r\n0\r\nX: y\r\n", .needsMore, atEnd: .connectionLost),
    ]

    @Test(arguments: answers + withoutBody + endings)
    func `an answer is the same whole, byte by byte and cut in two anywhere`(vector: AnswerVector) {
        let expected = vector.atEnd ?? vector.whole
        let bytes = vector.bytes[...]
        #expect(vector.read(in: [bytes]) == expected)
        #expect(vector.read(in: bytes.indices.map { bytes[$0...$0] }) == expected)
        for cut in bytes.indices.dropFirst() {
            #expect(vector.read(in: [bytes[..<cut], bytes[cut...]]) == expected, "cut at \(cut)")
        }
    }

    @Test(arguments: answers + withoutBody)
    func `an answer that ends early anywhere is a lost connection, or one that only an end completes`(
        vector: AnswerVector
    ) {
        for end in vector.bytes.indices {
            let reader = AnswerReader(bodyLimit: 1_000)
            reader.expect(.limitedParts)
            if end > 0 { #expect(reader.read(vector.bytes[..<end]) == .needsMore, "\(end) bytes") }
            #expect(reader.read([]) == .connectionLost, "\(end) bytes")
        }
    }

    @Test(arguments: answers + withoutBody)
    func `one reader reads answer after answer`(vector: AnswerVector) {
        let reader = AnswerReader(bodyLimit: 1_000)
        for _ in 0..<3 {
            reader.expect(.limitedParts)
            #expect(!reader.hasReceivedBytes)
            #expect(reader.read(vector.bytes) == vector.whole)
            #expect(reader.hasReceivedBytes)
        }
    }

    @Test(arguments: answers + withoutBody)
    func `an answer does not depend on the one before it, of which the head is remembered`(vector: AnswerVector) {
        for other in Self.answers + Self.withoutBody {
            let reader = AnswerReader(bodyLimit: 1_000)
            for read in [other, vector, vector, other] {
                reader.expect(.limitedParts)
                #expect(reader.read(read.bytes) == read.whole)
            }
        }
    }

    @Test(arguments: answers + withoutBody)
    func `what comes behind an answer is left alone, and no other request may go out`(vector: AnswerVector) {
        let reader = AnswerReader(bodyLimit: 1_000)
        for garbage in ["x", "\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nz"] {
            reader.expect(.limitedParts)
            guard case .complete(let status, let body, _) = vector.whole else { continue }
            let expected = ReadAnswer.complete(status, body, canGoOn: false)
            #expect(reader.read(vector.bytes + garbage.utf8) == expected)
        }
    }

    @Test func `an abandoned answer is forgotten`() {
        let reader = AnswerReader(bodyLimit: 1_000)
        reader.expect(.limitedParts)
        #expect(reader.read("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".utf8) == .needsMore)
        reader.expect(.limitedParts)
        #expect(
            reader.read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab".utf8) == .complete(200, "ab", canGoOn: true)
        )
    }
}
