import Bytes
import Calls
import Testing

@testable import GRPC

struct TrailersTests {
    private func message(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.append(grpcMessage: text)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `a message is percent-encoded, a blank at either end too`() {
        #expect(message("") == "")
        #expect(message("all fine: {x}~") == "all fine: {x}~")
        #expect(message(" a b ") == "%20a b%20")
        #expect(message(" ") == "%20")
        #expect(message("100%") == "100%25")
        #expect(message("\t\n\u{7F}é😀") == "%09%0A%7F%C3%A9%F0%9F%98%80")
    }

    private func decoded(_ trailers: Trailers) -> String {
        var bytes: [UInt8] = []
        var rest = trailers.message[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self) ?? "not UTF-8"
    }

    private func details(_ status: Status) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(base64: status.encoded())
        return bytes
    }

    @Test(arguments: ["a", "é", "€", "😀", "\n", "%", " ", "é ", "a b%"])
    func `trailers stay below 7,5 KiB, cut at a character, in both places alike`(part: String) {
        for count in [1, 2_100, 4_096] {
            for start in ["", "ab"] {
                let text = start + String(repeating: part, count: count)
                let status = Status(
                    .unavailable,
                    .upstreamUnreachable,
                    text,
                    operation: "ModelsSnapshot",
                    requestSent: true
                )
                let trailers = Trailers(status)
                #expect(trailers.length < 7_680)
                let kept = decoded(trailers)
                #expect(status.message.hasPrefix(kept))
                #expect(kept.utf8.count >= min(512, status.message.utf8.count))
                // The ErrorInfo is whole: the details are those of the same status with the kept message.
                #expect(trailers.details == details(status.cut(to: kept.utf8.count)))
                if kept != status.message {
                    let next = status.message.dropFirst(kept.count).prefix(1)
                    let length = Trailers(status.cut(to: (kept + next).utf8.count))
                    #expect(decoded(length) == kept, "one character more would have had room")
                }
            }
        }
    }

    @Test func `at least 512 bytes of a message stay, and all of the ErrorInfo`() {
        let operation = String(repeating: "M", count: 6_000)
        let status = Status(.internal, .badRequest, String(repeating: "😀", count: 1_000), operation: operation)
        let trailers = Trailers(status)
        #expect(decoded(trailers).utf8.count == 512)
        #expect(trailers.details == details(status.cut(to: 512)))
    }

    @Test func `a short message is whole`() {
        let status = Status(.notFound, .upstreamHTTPStatus, "no such model", httpStatus: 404)
        let trailers = Trailers(status)
        #expect(String(decoding: trailers.message, as: UTF8.self) == "no such model")
        #expect(trailers.code == Array("5".utf8))
        #expect(trailers.details == details(status))
    }
}
