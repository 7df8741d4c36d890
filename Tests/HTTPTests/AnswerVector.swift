import Testing

@testable import HTTP

/// Bytes that an upstream may send for an answer, and what they are.
struct AnswerVector: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]
    let whole: ReadAnswer
    /// What the end of the connection makes of it, when the bytes alone are no answer yet.
    let atEnd: ReadAnswer?
    var delivery = BodyDelivery.limitedParts

    /// As much as the gateway allows.
    static let headLimit = 80 * 1024

    init(_ text: String, _ whole: ReadAnswer, atEnd: ReadAnswer? = nil) {
        bytes = Array(text.utf8)
        self.whole = whole
        self.atEnd = atEnd
    }

    var testDescription: String { String(decoding: bytes.prefix(200), as: UTF8.self).debugDescription }

    /// The same with a status line and the blank line that ends the head.
    static func ok(_ headers: String, _ body: String, _ whole: ReadAnswer, atEnd: ReadAnswer? = nil) -> AnswerVector {
        AnswerVector("HTTP/1.1 200 OK\r\n\(headers)\r\n\r\n\(body)", whole, atEnd: atEnd)
    }

    static func chunked(_ body: String, _ whole: ReadAnswer, atEnd: ReadAnswer? = nil) -> AnswerVector {
        .ok("Transfer-Encoding: chunked", body, whole, atEnd: atEnd)
    }

    /// The answer when the bytes come in these pieces. What has come to an outcome is read no further.
    func read(in pieces: [ArraySlice<UInt8>], headLimit: Int = headLimit) -> ReadAnswer {
        let reader = AnswerReader(headLimit: headLimit, bodyLimit: 1_000_000)
        reader.expect(delivery)
        for piece in pieces where !piece.isEmpty {
            let answer = reader.read(piece)
            guard answer == .needsMore else { return answer }
        }
        return atEnd == nil ? .needsMore : reader.read([])
    }
}
