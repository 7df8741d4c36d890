import Testing

@testable import HTTP

struct HTTPResponseReaderBadHTTPTests {
    private static let bad: [AnswerVector] = [
        // No HTTP/1.x.
        "hello\r\n", "<html>", "{}", "SSH-2.0-x\r\n", "\u{0}", "http/1.1 200 OK\r\n\r\n", "xHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1\t200 OK\r\n\r\n", "HTTP/1.10 200 OK\r\n\r\n", "HTTP/01.1 200 OK\r\n\r\n", "HTTP 200 OK\r\n\r\n",
        "HTTP/ 1.1 200 OK\r\n\r\n", "HTTP/1 200 OK\r\n\r\n", "HTTP/-1.1 200 OK\r\n\r\n", "HTTP/1.1200 OK\r\n\r\n",
        "HTTP/0.9 200 OK\r\nContent-Length: 2\r\n\r\nab", "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/9.9 200 OK\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2 200", "HTTP/2.0", "HTTP/1.1 x",
        "HTTP/1.1 600",
        "\u{0}\u{0}\u{12}\u{4}\u{0}\u{0}\u{0}\u{0}\u{0}",

        // Status codes.
        "HTTP/1.1 0 x\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 099 x\r\n\r\n",
        "HTTP/1.1 000 x\r\n\r\n", "HTTP/1.1 600 x\r\n\r\n", "HTTP/1.1 999 x\r\n\r\n", "HTTP/1.1 1000 x\r\n\r\n",
        "HTTP/1.1 -200 OK\r\n\r\n", "HTTP/1.1 +200 OK\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n", "HTTP/1.1 200\tOK\r\n\r\n", "HTTP/1.1 2 00 OK\r\n\r\n",
        "HTTP/1.1 99999999999999999999 OK\r\n\r\n", "HTTP/1.1 0200 OK\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",

        // Header lines.
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\n: x\r\n\r\n", "HTTP/1.1 200 OK\r\nX(y): z\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\u{0}b\r\n\r\n", "HTTP/1.1 200 OK\r\nX\u{0}: a\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", "HTTP/1.1 200 OK\r\nX\rY: a\r\n\r\n",
        "HTTP/1.1 200 OK\rXContent-Length: 2\r\n\r\nab", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\rXab",
        "HTTP/1.1 200 O\u{0}K\r\n\r\n", "HTTP/1.1 200 OK\r\nX: a\u{7F}\r\n\r\n", "\rX", "\r\n\r\nX",
        "HTTP/1.1 200 OK\r\n X: y\r\n\r\n", "HTTP/1.1 200 OK\r\nX : y\r\n\r\n", "HTTP/1.1 200 OK\r\n\u{E9}: y\r\n\r\n",

        // Both lengths, or one that is none.
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab", "HTTP/1.1 200 OK\r\nTransfer-Encoding: x\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nab", "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        "HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n",

        // Fields about framing that are folded.
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n 3\r\n\r\nab", "HTTP/1.1 200 OK\r\nContent-Length:\r\n 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: x\r\n close\r\nContent-Length: 2\r\n\r\nab",
    ].map { AnswerVector($0, .badHTTP) }

    private static let badLengths: [AnswerVector] = [
        "", " ", "\t", "-1", "-5", "+5", "0x5", "5 5", "5\t5", "5,5", "5, 5", "5;", "5.0", "5e0", "five", "\u{663}",
        "18446744073709551615", "18446744073709551616", "99999999999999999999999999",
    ].map { .ok("Content-Length: \($0)", "hello", .badHTTP) }

    private static let badChunks: [AnswerVector] =
        [
            "+5", "-5", "0x5", " 5", "5g", "g", "", ";x", "2 2", "5 \t5", "5 \n", "5\n", "5;x\n", "5\rX",
            "5;x\rX", "5 \rX", "5 x", "5\u{b}", " ", "\t;x",
            "ffffffffffffffff", "10000000000000000",
            "10000000000000005", "5,5", "5.0",
        ].map { .chunked("\($0)\r\nhello\r\n0\r\n\r\n", .badHTTP) }
        + [
            .chunked("4\r\nhello\r\n0\r\n\r\n", .badHTTP),
            .chunked("6\r\nhello\r\n0\r\n\r\n", .badHTTP),
            .chunked("5\r\nhello\r\n\r\n0\r\n\r\n", .badHTTP),
            .chunked("5\r\nhelloXY0\r\n\r\n", .badHTTP),
            .chunked("5\r\nhello\n0\r\n\r\n", .badHTTP),
            .chunked("5\r\nhello\rX", .badHTTP),
            .chunked("5\r\nhello\r\n0\r\nno colon\r\n\r\n", .badHTTP),
            .chunked("5\r\nhello\r\n0\r\n X: folded\r\n\r\n", .badHTTP),
            .chunked("5\r\nhello\r\n0\r\n\rX", .badHTTP),
        ]

    @Test(arguments: bad + badLengths + badChunks)
    func `what is no HTTP is refused whole, byte by byte and cut in two anywhere`(vector: AnswerVector) {
        let bytes = vector.bytes[...]
        #expect(vector.read(in: [bytes]) == .badHTTP)
        #expect(vector.read(in: bytes.indices.map { bytes[$0...$0] }) == .badHTTP)
        for cut in bytes.indices.dropFirst() {
            #expect(vector.read(in: [bytes[..<cut], bytes[cut...]]) == .badHTTP, "cut at \(cut)")
        }
    }

    @Test func `chunks in HTTP/1.0 end the connection`() {
        // RFC 9112, section 6.1: the framing of such a message counts as faulty.
        let vector = AnswerVector(
            "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
            .complete(200, "ab", canGoOn: false)
        )
        #expect(vector.read(in: [vector.bytes[...]]) == vector.whole)
    }

    @Test func `what is refused is refused with its reason`() throws {
        for (text, reason) in [
            ("HTTP/2.0 200 OK\r\n\r\n", "HTTP/2.0"),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "status 101"),
            ("HTTP/1.1 600 x\r\n\r\n", "status 600"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "transfer encoding"),
        ] {
            let reader = AnswerReader(bodyLimit: 1)
            reader.expect(.limitedParts)
            #expect(reader.read(text.utf8) == .badHTTP)
            guard case .badHTTP(let said) = reader.error else {
                Issue.record("\(text.debugDescription): \(String(describing: reader.error))")
                continue
            }
            #expect(said.contains(reason))
        }
    }

    @Test func `nothing is delivered of an answer behind one that is refused`() {
        let reader = AnswerReader(bodyLimit: 1_000)
        reader.expect(.parts)
        let bytes = "HTTP/1.1 101 x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
        #expect(reader.read(bytes.utf8) == .badHTTP)
        #expect(reader.parts.isEmpty)
    }
}
