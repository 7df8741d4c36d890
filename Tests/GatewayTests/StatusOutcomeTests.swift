import Calls
import PiecesOS
import TTRPC
import Testing
import Transcoding

@testable import Gateway

struct StatusOutcomeTests {
    /// Section 4 of the design, line by line; what is not here is by its hundred.
    private static let named: [Int: Status.Code] = [
        400: .invalidArgument, 401: .unauthenticated, 403: .permissionDenied, 404: .notFound,
        408: .deadlineExceeded, 504: .deadlineExceeded, 409: .alreadyExists, 412: .failedPrecondition,
        413: .resourceExhausted, 429: .resourceExhausted, 501: .unimplemented, 502: .unavailable, 503: .unavailable,
        593: .failedPrecondition,
    ]

    private func status(_ httpStatus: Int, _ body: [UInt8]) -> Status {
        body.withUnsafeBytes { Status(httpStatus: httpStatus, body: $0) }
    }

    // MARK: - HTTP statuses

    @Test(arguments: 300...599)
    func `every HTTP status that is no success has the code of the contract`(httpStatus: Int) {
        let hundreds: [Int: Status.Code] = [3: .internal, 4: .failedPrecondition, 5: .internal]
        let status = status(httpStatus, [])
        #expect(status.code == Self.named[httpStatus] ?? hundreds[httpStatus / 100])
        #expect(status.reason == .upstreamHTTPStatus)
        #expect(status.httpStatus == httpStatus)
        #expect(status.message == "HTTP status \(httpStatus)")
    }

    @Test(arguments: 300...599)
    func `of a status after which a client may wonder, it is told that the request was sent`(httpStatus: Int) {
        #expect(status(httpStatus, []).requestSent == ([408, 502, 503, 504].contains(httpStatus) ? true : nil))
    }

    @Test(arguments: 300...599)
    func `where the user can do something, a hint says what`(httpStatus: Int) {
        let hints = [401: "sign in to Pieces OS", 593: "update Pieces OS"]
        #expect(status(httpStatus, []).hint == hints[httpStatus])
    }

    @Test func `who cannot reach Pieces OS is told to start or to name it`() {
        let hint = "start Pieces OS, or name it with --upstream"
        #expect(Status(.unreachable("nobody"), httpStatus: nil, requestSent: false).hint == hint)
        #expect(Status(.distrusted(user: 7, at: "x"), httpStatus: nil, requestSent: false).hint == hint)
        #expect(Status(.notReady("migrating"), httpStatus: nil, requestSent: false).hint == nil)
        #expect(Status(.connectionLost, httpStatus: nil, requestSent: true).hint == nil)
    }

    @Test func `the body is the message, as valid UTF-8`() {
        #expect(status(500, Array("no such model: é".utf8)).message == "no such model: é")
        #expect(status(500, [0x61, 0xFF, 0x62]).message == "a\u{FFFD}b")
        #expect(status(500, Array("<html></html>".utf8)).message == "<html></html>")
        #expect(status(500, Array("  ".utf8)).message == "  ")
    }

    @Test func `a long body is cut at 4 KiB, between characters`() {
        #expect(status(500, [UInt8](repeating: 0x61, count: 5_000)).message.utf8.count == 4_096)
        let odd = status(500, [0x61] + Array(String(repeating: "é", count: 3_000).utf8)).message
        #expect(odd.utf8.count == 4_095)
        #expect(odd.hasSuffix("éé"))
        #expect(status(500, [UInt8](repeating: 0xFF, count: 8_192)).message.utf8.count <= 4_096)
    }

    // MARK: - Errors

    @Test func `every failure of the upstream has its code and reason`() {
        let table: [(UpstreamError, Status.Code, Status.Reason)] = [
            (.unreachable("cannot connect to x"), .unavailable, .upstreamUnreachable),
            (.distrusted(user: 7, at: "http://localhost:1"), .unavailable, .upstreamUnreachable),
            (.notReady("it says 'migrating'"), .unavailable, .upstreamNotReady),
            (.connectionLost, .unavailable, .upstreamConnectionLost),
            (.badHTTP("HTTP/2.0"), .internal, .upstreamBadHTTP),
            (.tooLarge("the head"), .resourceExhausted, .upstreamTooLarge),
            (.queueFull, .resourceExhausted, .upstreamQueueFull),
        ]
        for (error, code, reason) in table {
            for requestSent in [false, true] {
                let status = Status(error, httpStatus: 503, requestSent: requestSent)
                #expect(status.code == code)
                #expect(status.reason == reason)
                #expect(status.requestSent == (code == .unavailable ? requestSent : nil))
                #expect(status.httpStatus == 503)
                #expect(!status.message.isEmpty)
            }
        }
    }

    @Test func `what the upstream said of itself is in the message`() {
        let unreachable = UpstreamError.unreachable("cannot connect to 127.0.0.1:1")
        #expect(Status(unreachable, httpStatus: nil, requestSent: false).message.contains("127.0.0.1:1"))
        let stranger = Status(.distrusted(user: 1234, at: "http://x:1"), httpStatus: nil, requestSent: false).message
        #expect(stranger.contains("http://x:1") && stranger.contains("1234"))
        #expect(Status(.notReady("it says no"), httpStatus: nil, requestSent: false).message == "it says no")
        #expect(Status(.badHTTP("status 600"), httpStatus: nil, requestSent: true).message.contains("status 600"))
        let tooLarge = UpstreamError.tooLarge("the head is over")
        #expect(Status(tooLarge, httpStatus: nil, requestSent: true).message.contains("the head is over"))
    }

    @Test func `every answer that cannot be transcoded has its code and reason`() {
        let table: [(JSONTranscodingError, Status.Code, Status.Reason)] = [
            (.notJSON(reason: "a bad literal", offset: 17), .internal, .upstreamBadJSON),
            (.notJSON(reason: "a bad literal", offset: nil), .internal, .upstreamBadJSON),
            (.notAnObject, .internal, .upstreamBadJSON),
            (.misfitElement, .internal, .upstreamBadJSON),
            (.secondList, .internal, .upstreamBadJSON),
            (.tooLarge(limit: 64), .resourceExhausted, .upstreamTooLarge),
            (.messageTooLarge(limit: 64), .resourceExhausted, .answerTooLarge),
        ]
        for (error, code, reason) in table {
            let status = Status(error, httpStatus: 201)
            #expect(status.code == code)
            #expect(status.reason == reason)
            #expect(status.httpStatus == 201)
            #expect(status.requestSent == nil)
        }
        #expect(
            Status(.notJSON(reason: "a bad literal", offset: 17), httpStatus: 200).message.contains("at byte 17")
        )
    }

    @Test func `an answer that fits no frame names the call that has no such limit`() {
        let status = Status.answerTooLarge(httpStatus: 200)
        #expect(status.code == .resourceExhausted)
        #expect(status.reason == .answerTooLarge)
        #expect(status.message.contains("StreamModelsSnapshot"))
        #expect(status.httpStatus == 200)
    }

    @Test func `a request that cannot be used says which field`() {
        let invalid = Status(RequestError.invalid(field: "seeded_model.created", reason: "is out of range"))
        #expect(invalid.code == .invalidArgument)
        #expect(invalid.reason == .badRequest)
        #expect(invalid.message.contains("seeded_model.created"))

        let large = Status(RequestError.tooMuchMemory(budget: 1_000))
        #expect(large.code == .resourceExhausted)
        #expect(large.reason == .limitReached)
    }

    @Test func `what the gateway itself ends has its code, and nothing was sent unless it is told so`() {
        let table: [(Status, Status.Code, Status.Reason)] = [
            (.deadlineExceeded, .deadlineExceeded, .deadlineExceeded),
            (.cancelled, .cancelled, .cancelled),
            (.shuttingDown, .unavailable, .shuttingDown),
        ]
        for (status, code, reason) in table {
            #expect(status.code == code)
            #expect(status.reason == reason)
            #expect(status.requestSent == false)
        }
    }

    @Test func `an unknown service or method is named`() throws {
        let contract = try Carried.contract()
        func unknown(_ service: String, _ method: String) -> Status {
            Carried.withRequest(service, method) { .unknown($0, in: contract) }
        }
        let service = unknown("pieces.models.v2.ModelsService", "UnloadModels")
        #expect(service.code == .unimplemented)
        #expect(service.reason == .unknownMethod)
        #expect(service.message.contains("pieces.models.v2.ModelsService"))
        let method = unknown("pieces.models.v1.ModelsService", "Nothing")
        #expect(method.code == .unimplemented)
        #expect(method.message.contains("Nothing"))
        #expect(unknown("", "").code == .unimplemented)
    }
}
