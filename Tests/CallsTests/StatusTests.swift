import Testing

@testable import Calls

struct StatusTests {
    @Test func `a long message is cut between characters, so that it fits a frame`() {
        let ascii = String(repeating: "a", count: 5_000)
        #expect(Status(.internal, .upstreamBadHTTP, ascii).message == String(repeating: "a", count: 4_096))
        #expect(Status(.internal, .upstreamBadHTTP, String(ascii.prefix(4_096))).message.utf8.count == 4_096)

        for (character, kept) in [("é", 4_095), ("€", 4_094), ("😀", 4_093)] {
            for shift in 0..<character.utf8.count {
                let start = String(repeating: "a", count: kept + shift)
                let message = Status(.notFound, .upstreamHTTPStatus, start + character + ascii).message
                #expect(message == start)
            }
        }
    }

    @Test func `a hint is one more entry of the metadata`() {
        var status = Status(.unavailable, .upstreamUnreachable, "nobody", requestSent: false)
        let before = status.encoded()
        status.hint = "do it"
        let entry: [UInt8] = [0x1A, 13, 0x0A, 4] + Array("hint".utf8) + [0x12, 5] + Array("do it".utf8)
        #expect(status.encoded().suffix(entry.count) == entry[...])
        #expect(status.encoded().count == before.count + entry.count)
    }

    @Test func `a message is cut further, and the rest of the status stays`() {
        let status = Status(.notFound, .upstreamHTTPStatus, "a€b", operation: "X", httpStatus: 404, requestSent: true)
        #expect(status.cut(to: 9) == status)
        let cut = Status(.notFound, .upstreamHTTPStatus, "a", operation: "X", httpStatus: 404, requestSent: true)
        #expect(status.cut(to: 3) == cut)
    }

    @Test func `the codes are those of google rpc`() {
        #expect(Status.Code.allCases.map(\.rawValue) == Array(0...16))
    }

    @Test func `a code has the name of google rpc`() {
        let names = [
            "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
            "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
            "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
        ]
        #expect(Status.Code.allCases.map(\.name) == names)
    }

    @Test func `reasons are in capitals`() {
        let letters = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZ_")
        #expect(Status.Reason.allCases.allSatisfy { letters.isSuperset(of: $0.rawValue) })
    }
}
